# The list of cases and a new case.
view-mine = My open
view-unassigned = Unassigned
view-followed = Followed
columns = Columns
change-view = Change view
change-view-hint = The view gets the filters, the order and the columns that are shown now.
view-all = All cases
page-changed = The page has changed – show
list-changed = The list has changed – show
new-cases =
    { $count ->
        [one] { $count } new case – show
       *[other] { $count } new cases – show
    }
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
filter-no-day = There is no day { $day }. Correct the filter or remove it.
bulk-edit = Bulk edit
bulk-selected = Selected cases
bulk-assign = Assign …
bulk-status = Status …
bulk-priority = Priority …
bulk-apply = Apply
bulk-more = More …
bulk-whole-view = The whole view, 1,000 cases at a time
bulk-clear = Clear selection
bulk-select-page = Select all on the page
bulk-select-case = Select case { $number }
bulk-edit-count =
    { $count ->
        [one] Edit { $count } case
       *[other] Edit { $count } cases
    }
bulk-change-count =
    { $count ->
        [one] Change { $count } case
       *[other] Change { $count } cases
    }
bulk-action-count =
    { $count ->
        [one] On { $count } case
       *[other] On { $count } cases
    }
bulk-empty-stays = What you leave empty stays as it is.
bulk-keep = Unchanged
bulk-add-tag = Add tag
bulk-remove-tag = Remove tag
bulk-no-description = Remove the description
bulk-no-property = Remove the property
bulk-no-due = Remove the due date
bulk-link-container = Link container
bulk-unlink-container = Unlink container
bulk-link-contact = Link contact
bulk-unlink-contact = Unlink contact
bulk-contact-hint = Write a part of the name, number or address, and choose from the list. Protected contacts are not found.
bulk-channel = Send message as
bulk-subject-hint = Where nothing is written, the case's own subject with its number is used.
bulk-message = Message to the customer
bulk-message-hint = Goes to whoever wrote last in each case, else to its first contact. Protected contacts get nothing.
bulk-note-template = Template for the note
bulk-template = Template for the message
bulk-template-hint = Filled in for each case, and stands behind what you write yourself. Its subject is used where you write none.
bulk-held = The messages wait a little before they are sent. If you undo now, they are taken back with the rest.
bulk-nothing-chosen = Choose at least one thing to change.
bulk-part = The view has more than 1,000 cases. They are changed 1,000 at a time: afterwards you can change the next ones, and no case is changed twice.
bulk-part-done = The view has more cases that have not been changed yet.
bulk-next-part = Change the next cases
bulk-reason-hint = Stands with the change of status in each case. Some steps, such as cancelling, ask for one.
bulk-reason-missing =
    { $count ->
        [one] { $count } of the cases gets this status for a reason only. Write it here; no case has been changed yet.
       *[other] { $count } of the cases get this status for a reason only. Write it here; no case has been changed yet.
    }
bulk-no-recipient = Nobody to write to
bulk-no-date = The due date is not a date
bulk-field = Field
bulk-field-value = Value of the field
bulk-macro = Macro
bulk-action = Action
bulk-no-field = The case type does not have the field
bulk-no-macro = The case type does not have the macro
bulk-changed-since = Somebody else has changed the case meanwhile
bulk-no-action = The action is not there any more; it was taken out of use meanwhile
bulk-changed = Changed
bulk-changed-for-good = Changed. Cannot be undone: no way leads back to the status before
bulk-changed-but = Changed, but the rest was refused: { $why }
bulk-print-count = Get { $count } files as one PDF
bulk-print-title = Print of several cases
bulk-print-not = The files cannot be had as one PDF
bulk-print-unreadable = { $name } is not a PDF that can be read. Get the files one by one.
bulk-print-too-large = The files are larger than 128 MB together. Get them one by one, or choose fewer cases.
bulk-unchanged = Was so already
bulk-changed-count =
    { $count ->
        [0] No case had to be changed.
        [one] { $count } case was changed.
       *[other] { $count } cases were changed.
    }
bulk-refused-count =
    { $count ->
        [one] { $count } case could not be changed. It stands at the top.
       *[other] { $count } cases could not be changed. They stand at the top.
    }
bulk-undo-count =
    { $count ->
        [one] Undo in { $count } case
       *[other] Undo in { $count } cases
    }
bulk-results = Result of each case
bulk-outcome = Result
hint-select = select
export = Export
export-csv = Spreadsheet (CSV)
export-xlsx = Excel (XLSX)
export-cut-off = The sheet has no room for more rows. Get the list as CSV, or filter it.
export-created = Created
view-overdue = Overdue
view-open = All open
any-assignee = Assignee: all
assignee-me = Me
any-due = Due: all
due-overdue = Overdue
due-today = By today
due-week = Within 7 days
tag = Tag
created-from = Created from
created-to = Created until
updated-from = Changed from
updated-to = Changed until
due-from = Due from
due-to = Due until
any-area = All areas
contact = Contact
property-filter-hint = Property number (0999-048213). Choose from the list while you type.
more-filters = More filters
remove-filter = Remove filter { $filter }
keep-view = Save view …
forget-view = Delete view
view-name = Name of the view
view-audience = Who sees it
keep = Save
audience-own = Only me
audience-team = My team
audience-all = Everybody
reporter = Reporter
reporter-lookup-hint = Search for name, phone number or e-mail address.
reporter-new = The reporter is not among the contacts
containers-of-property = Containers of the property
agreements-of-property = Agreements of the property
contacts-of-property = Contacts of the property
priority-of-type = As the case type says ({ $word })
tags-hint = Separate several with commas.
intake = Received by
intake-phone = Telephone
intake-counter = In person
intake-letter = Letter
intake-email = E-mail
intake-sms = SMS
intake-self-service = Self-service
intake-staff = Staff
files-kept = Files that are kept for the case
new-case-update = Show fields for what is chosen
cases-span = { $first }–{ $last } of { $total }
previous-page = Previous page
compact = Compact
unread = Unread:
