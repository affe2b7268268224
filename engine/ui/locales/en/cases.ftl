# The list of cases and a new case.
view-mine = My open
view-unassigned = Unassigned
view-all = All cases
list-changed = The list has changed – show
filter-cases = Filter cases
search-in-view = Search in view
clear-filters = Clear filters
any-status = Status: any
any-priority = Priority: any
any-type = Case type: any
no-case-matches = No case matches the filter
no-case-matches-hint = Remove a filter, or search all cases.
no-case-here = No cases here
no-case-here-hint = When a case belongs in this view, it stands here.
table-of-cases = Table of cases
cases-on-page =
    { $count ->
        [one] { $count } case on this page
       *[other] { $count } cases on this page
    }
hint-move = move
hint-open = open
hint-all-keys = all shortcuts
create-case = Create case
field-title = Title
field-description = Description
