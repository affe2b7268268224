# Searching everything.
search = Search
found = Found
found-ask = What to search for
found-for = Search: { $text }
found-kinds = Where to search
found-all = Everything
found-cases = Cases
found-notes = Notes
found-messages = Messages
found-properties = Properties
found-containers = Containers
found-agreements = Agreements
found-contacts = Contacts
found-case = Case
found-note = Internal note
found-message = Message
found-property = Property
found-container = Container
found-agreement = Agreement
found-contact = Contact
found-what = Kind
found-when = Written
found-newest-first = Newest first
found-best-first = Best answer first
found-nothing = Nothing found for “{ $text }”
found-nothing-hint = A word also finds words that begin with it. Put "several words" in quotation marks to find them in that order. Try fewer words.
found-view = View
palette-found =
    { $count ->
        [0] Nothing found
       *[other] { $count } found
    }
