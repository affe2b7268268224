# The registers: lists, and one record with all its cases.
registers = Registers
register-containers = Containers
register-properties = Properties
register-agreements = Agreements
register-contacts = Contacts
register-empty = The register is empty
register-empty-hint = Something stands here when it has been imported or sent in from outside.
records-on-page =
    { $count ->
        [one] { $count } record on this page
       *[other] { $count } records on this page
    }
back-to-register = Back to the register
service = Service
name = Name
role = Role
phone = Phone
dar-id = DAR ID
bfe-number = BFE number
cvr-number = CVR number
contact-kind = Type
contact-person = Person
cases-newest-first = Cases, newest first
newest-cases-shown = The newest { $count } are shown. There are more.
record-without-cases = There are no cases.
property-without-these = There are none at the property.
record-created = created the record
record-imported = created the record from { $file }
record-changed = changed { $changes }
record-revealed = looked at the protected details
record-without-history = Nothing has happened to the record since histories are kept.
reveal-contact = Show protected details
contact-revealed = The details are shown. That you have seen them stands in the history.
protection = Protected name and address
answer-yes = yes
answer-no = no
