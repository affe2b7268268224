# Listen over sager og ny sag.
view-mine = Mine åbne
view-unassigned = Ikke tildelt
view-all = Alle sager
list-changed = Listen er ændret – vis
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
