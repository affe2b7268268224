# Fagets ord, dage og tal.
status = Status
priority = Prioritet
assignee = Ansvarlig
team = Team
due = Frist
updated = Opdateret
created = Oprettet
unassigned = Ikke tildelt
no-due = ingen frist
yes = Ja
no = Nej
no-value = Ikke angivet
one-per-line = Én på hver linje.
personal-data = Personoplysning
case = Sag
cases = Sager
case-number = Sagsnummer
case-type = Sagstype
status-created = Oprettet
status-open = Åben
status-waiting-customer = Afventer kunde
status-waiting-haulier = Afventer vognmand
status-closed = Lukket
status-cancelled = Annulleret
priority-low = Lav
priority-normal = Normal
priority-high = Høj
priority-critical = Kritisk
contact-owner = Ejer
contact-co-owner = Medejer
contact-tenant = Lejer
contact-reporter = Anmelder
contact-company = Virksomhed
fraction-food = Madaffald
fraction-paper = Papir
fraction-cardboard = Pap
fraction-metal = Metal
fraction-glass = Glas
fraction-plastic = Plast
fraction-textile = Tekstil
fraction-cartons = Mad- og drikkekartoner
fraction-residual = Restaffald
fraction-hazardous = Farligt affald
container-active = I brug
container-ordered = Bestilt
container-withdrawn = Hjemtaget
message-received = Modtaget
message-quarantined = I karantæne
message-queued = I kø
message-sent = Sendt
message-delivered = Leveret
message-kept = Opbevaret, ikke sendt
message-failed = Opgivet
note = Note
sms = SMS
email = E-mail
kind-container = beholder
kind-property = ejendom
kind-agreement = aftale
kind-contact = kontakt
kind-message = besked
kind-case = sag
weekdays = mandag tirsdag onsdag torsdag fredag lørdag søndag
weekdays-short = man tir ons tor fre lør søn
months = januar februar marts april maj juni juli august september oktober november december
months-short = jan feb mar apr maj jun jul aug sep okt nov dec
today-at = i dag { $clock }
tomorrow-at = i morgen { $clock }
yesterday-at = i går { $clock }
today-named = i dag, { $day }
yesterday-named = i går, { $day }
weekday-date = { $weekday } { $day } { $month }
date-short = { $day } { $month }
date-year-short = { $day } { $month } { $year }
date-long = { $day } { $month } { $year }
day-of-year = { $weekday } { $day } { $month }
day-with-year = { $weekday } { $day } { $month } { $year }
day-and-clock = { $day } kl. { $clock }
just-now = lige nu
minutes-ago = { $count } min siden
hours-ago = { $count } t siden
price-kroner = { $amount } kr.
clock-resolve = løsning
clock-respond = svar
clock-suspended = uret står stille
rung-warn = Advarsel om fristen
level-lead = teamlederen
level-manager = lederen
rung-breach = Fristen er overskredet
budget-hours =
    { $count ->
        [one] { $count } time
       *[other] { $count } timer
    }
budget-workhours =
    { $count ->
        [one] { $count } arbejdstime
       *[other] { $count } arbejdstimer
    }
budget-days =
    { $count ->
        [one] { $count } dag
       *[other] { $count } dage
    }
budget-workdays =
    { $count ->
        [one] { $count } arbejdsdag
       *[other] { $count } arbejdsdage
    }
