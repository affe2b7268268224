# The field's words, days and numbers.
status = Status
priority = Priority
assignee = Assignee
team = Team
due = Due date
updated = Updated
created = Created
unassigned = Unassigned
no-due = no due date
yes = Yes
no = No
no-value = Not stated
one-per-line = One on each line.
personal-data = Personal data
case = Case
cases = Cases
case-number = Case number
case-type = Case type
status-created = Created
status-open = Open
status-waiting-customer = Waiting for customer
status-waiting-haulier = Waiting for haulier
status-closed = Closed
status-cancelled = Cancelled
priority-low = Low
priority-normal = Normal
priority-high = High
priority-critical = Critical
contact-owner = Owner
contact-co-owner = Co-owner
contact-tenant = Tenant
contact-reporter = Reporter
contact-company = Company
fraction-food = Food waste
fraction-paper = Paper
fraction-cardboard = Cardboard
fraction-metal = Metal
fraction-glass = Glass
fraction-plastic = Plastic
fraction-textile = Textile
fraction-cartons = Food and drink cartons
fraction-residual = Residual waste
fraction-hazardous = Hazardous waste
container-active = In use
container-ordered = Ordered
container-withdrawn = Withdrawn
message-received = Received
message-quarantined = In quarantine
message-queued = Queued
message-sent = Sent
message-delivered = Delivered
message-kept = Kept, not sent
message-failed = Given up
note = Note
sms = SMS
email = E-mail
kind-container = container
kind-property = property
kind-agreement = agreement
kind-contact = contact
kind-message = message
kind-case = case
weekdays = Monday Tuesday Wednesday Thursday Friday Saturday Sunday
weekdays-short = Mon Tue Wed Thu Fri Sat Sun
months = January February March April May June July August September October November December
months-short = Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
today-at = today { $clock }
tomorrow-at = tomorrow { $clock }
yesterday-at = yesterday { $clock }
today-named = today, { $day }
yesterday-named = yesterday, { $day }
weekday-date = { $weekday } { $day } { $month }
date-short = { $day } { $month }
date-year-short = { $day } { $month } { $year }
date-long = { $day } { $month } { $year }
day-of-year = { $weekday } { $day } { $month }
day-with-year = { $weekday } { $day } { $month } { $year }
day-and-clock = { $day } at { $clock }
just-now = just now
minutes-ago = { $count } min ago
hours-ago = { $count } h ago
price-kroner = DKK { $amount }
clock-resolve = resolution
clock-respond = response
clock-suspended = the clock stands still
rung-warn = Warning of the due date
level-lead = the team lead
level-manager = the manager
rung-breach = Overdue
budget-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
budget-workhours =
    { $count ->
        [one] { $count } working hour
       *[other] { $count } working hours
    }
budget-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
budget-workdays =
    { $count ->
        [one] { $count } working day
       *[other] { $count } working days
    }
