# Listen over sager og ny sag.
view-mine = Mine åbne
view-unassigned = Ikke tildelt
view-followed = Fulgte
columns = Kolonner
change-view = Ret visning
change-view-hint = Visningen får de filtre, den rækkefølge og de kolonner, der vises nu.
view-all = Alle sager
page-changed = Siden er ændret – vis
list-changed = Listen er ændret – vis
new-cases =
    { $count ->
        [one] { $count } ny sag – vis
       *[other] { $count } nye sager – vis
    }
filter-cases = Filtrér sager
search-in-view = Søg i visningen
clear-filters = Ryd filtre
any-status = Status: alle
any-priority = Prioritet: alle
any-type = Sagstype: alle
no-case-matches = Ingen sager matcher filteret
no-case-matches-hint = Fjern et filter, eller søg i alle sager.
no-case-here = Ingen sager her
no-case-here-hint = Når der kommer en sag i denne visning, står den her.
table-of-cases = Tabel med sager
cases-on-page =
    { $count ->
        [one] { $count } sag på siden
       *[other] { $count } sager på siden
    }
hint-move = flyt
hint-open = åbn
hint-all-keys = alle genveje
create-case = Opret sag
field-title = Titel
field-description = Beskrivelse
filter-no-day = Datoen { $day } findes ikke. Ret eller fjern filteret.
bulk-edit = Masseredigering
bulk-selected = Valgte sager
bulk-assign = Tildel …
bulk-status = Status …
bulk-priority = Prioritet …
bulk-apply = Udfør
bulk-more = Mere …
bulk-whole-view = Hele visningen, 1.000 sager ad gangen
bulk-clear = Ryd valg
bulk-select-page = Vælg alle på siden
bulk-select-case = Vælg sag { $number }
bulk-edit-count =
    { $count ->
        [one] Ret { $count } sag
       *[other] Ret { $count } sager
    }
bulk-change-count =
    { $count ->
        [one] Ret { $count } sag
       *[other] Ret { $count } sager
    }
bulk-action-count =
    { $count ->
        [one] I { $count } sag
       *[other] I { $count } sager
    }
bulk-empty-stays = Det, du ikke udfylder, bliver, som det er.
bulk-keep = Uændret
bulk-add-tag = Tilføj tag
bulk-remove-tag = Fjern tag
bulk-no-description = Fjern beskrivelsen
bulk-no-property = Fjern ejendommen
bulk-no-due = Fjern fristen
bulk-link-container = Tilknyt beholder
bulk-unlink-container = Fjern beholder
bulk-link-contact = Tilknyt kontakt
bulk-unlink-contact = Fjern kontakt
bulk-contact-hint = Skriv en del af navnet, nummeret eller adressen, og vælg på listen. Beskyttede kontakter findes ikke.
bulk-channel = Send besked som
bulk-subject-hint = Står der intet, bruges sagens eget emne med sagsnummeret.
bulk-message = Besked til kunden
bulk-message-hint = Sendes til den, der sidst skrev i hver sag, ellers til sagens første kontakt. Beskyttede kontakter får intet.
bulk-note-template = Skabelon til noten
bulk-template = Skabelon til beskeden
bulk-template-hint = Udfyldes for hver sag og står efter det, du selv skriver. Skabelonens emne bruges, hvor du intet emne skriver.
bulk-held = Beskederne venter lidt, før de sendes. Fortryder du nu, tages de tilbage sammen med resten.
bulk-nothing-chosen = Vælg mindst én ting, der skal ændres.
bulk-part = Visningen har flere end 1.000 sager. De rettes 1.000 ad gangen: bagefter kan du rette de næste, uden at nogen sag rettes to gange.
bulk-part-done = Visningen har flere sager, som ikke er rettet endnu.
bulk-next-part = Ret de næste sager
bulk-reason-hint = Står ved statusskiftet i hver sag. Nogle skridt, for eksempel at annullere, kræver en.
bulk-reason-missing =
    { $count ->
        [one] En af sagerne får kun denne status med en begrundelse. Skriv den her; ingen sag er ændret endnu.
       *[other] { $count } af sagerne får kun denne status med en begrundelse. Skriv den her; ingen sag er ændret endnu.
    }
bulk-no-recipient = Ingen at skrive til
bulk-no-date = Fristen er ikke en dato
bulk-field = Felt
bulk-field-value = Feltets værdi
bulk-macro = Makro
bulk-action = Handling
bulk-no-field = Sagstypen har ikke feltet
bulk-no-macro = Sagstypen har ikke makroen
bulk-changed-since = Sagen er ændret af en anden imens
bulk-no-action = Handlingen findes ikke mere; den er taget ud af drift imens
bulk-changed = Ændret
bulk-changed-for-good = Ændret. Kan ikke fortrydes: ingen vej fører tilbage til den tidligere status
bulk-changed-but = Ændret, men resten blev afvist: { $why }
bulk-print-count = Hent { $count } filer som én PDF
bulk-print-title = Udskrift af flere sager
bulk-print-not = Filerne kan ikke hentes som én PDF
bulk-print-unreadable = { $name } er ikke en PDF, der kan læses. Hent filerne hver for sig.
bulk-print-too-large = Filerne fylder tilsammen mere end 128 MB. Hent dem hver for sig, eller vælg færre sager.
bulk-unchanged = Var sådan i forvejen
bulk-changed-count =
    { $count ->
        [0] Ingen sager skulle ændres.
        [one] { $count } sag er ændret.
       *[other] { $count } sager er ændret.
    }
bulk-refused-count =
    { $count ->
        [one] { $count } sag kunne ikke ændres. Den står øverst.
       *[other] { $count } sager kunne ikke ændres. De står øverst.
    }
bulk-undo-count =
    { $count ->
        [one] Fortryd i { $count } sag
       *[other] Fortryd i { $count } sager
    }
bulk-results = Resultat for hver sag
bulk-outcome = Resultat
hint-select = vælg
export = Eksportér
export-csv = Regneark (CSV)
export-xlsx = Excel (XLSX)
export-cut-off = Arket har ikke plads til flere rækker. Hent listen som CSV, eller filtrér den.
export-created = Oprettet
view-overdue = Over frist
view-open = Alle åbne
any-assignee = Ansvarlig: alle
assignee-me = Mig
any-due = Frist: alle
due-overdue = Overskredet
due-today = Senest i dag
due-week = Inden for 7 dage
tag = Tag
created-from = Oprettet fra
created-to = Oprettet til og med
updated-from = Ændret fra
updated-to = Ændret til og med
due-from = Frist fra
due-to = Frist til og med
any-area = Alle områder
contact = Kontakt
property-filter-hint = Ejendomsnummer (0999-048213). Vælg på listen, mens du skriver.
more-filters = Flere filtre
remove-filter = Fjern filter { $filter }
keep-view = Gem visning …
forget-view = Slet visning
view-name = Visningens navn
view-audience = Hvem ser den
keep = Gem
audience-own = Kun mig
audience-team = Mit team
audience-all = Alle
reporter = Anmelder
reporter-lookup-hint = Søg efter navn, telefon eller e-mail.
reporter-new = Anmelderen står ikke i kontakterne
containers-of-property = Ejendommens beholdere
agreements-of-property = Ejendommens aftaler
contacts-of-property = Ejendommens kontakter
priority-of-type = Som sagstypen siger ({ $word })
tags-hint = Flere adskilles med komma.
intake = Modtaget via
intake-phone = Telefon
intake-counter = Personlig henvendelse
intake-letter = Brev
intake-email = E-mail
intake-sms = SMS
intake-self-service = Selvbetjening
intake-staff = Medarbejder
files-kept = Filer, der er gemt til sagen
new-case-update = Vis felter for det valgte
cases-span = { $first }–{ $last } af { $total }
previous-page = Forrige side
compact = Kompakt
unread = Ulæst:
