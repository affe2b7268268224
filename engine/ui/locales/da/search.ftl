# Søgning på tværs.
search = Søg
found = Fundet
found-ask = Det, der søges efter
found-for = Søgning: { $text }
found-kinds = Hvad der søges i
found-all = Alt
found-cases = Sager
found-notes = Noter
found-messages = Beskeder
found-properties = Ejendomme
found-containers = Beholdere
found-agreements = Aftaler
found-contacts = Kontakter
found-case = Sag
found-note = Intern note
found-message = Besked
found-property = Ejendom
found-container = Beholder
found-agreement = Aftale
found-contact = Kontakt
found-what = Art
found-when = Skrevet
found-newest-first = Nyeste først
found-best-first = Bedste svar først
found-nothing = Intet fundet for „{ $text }“
found-nothing-hint = Et ord finder også ord, der begynder med det. Sæt "flere ord" i anførselstegn for at finde dem i den rækkefølge. Prøv færre ord.
found-view = Visning
palette-found =
    { $count ->
        [0] Intet fundet
       *[other] { $count } fundet
    }
