# Registrene: lister, og én post med alle dens sager.
registers = Registre
register-containers = Beholdere
register-properties = Ejendomme
register-agreements = Aftaler
register-contacts = Kontakter
register-empty = Registret er tomt
register-empty-hint = Her står noget, når det er importeret eller sendt ind udefra.
records-on-page =
    { $count ->
        [one] { $count } post på siden
       *[other] { $count } poster på siden
    }
back-to-register = Tilbage til registret
service = Ydelse
name = Navn
role = Rolle
phone = Telefon
dar-id = DAR-id
bfe-number = BFE-nummer
cvr-number = CVR-nummer
contact-kind = Type
contact-person = Person
cases-newest-first = Sager, nyeste først
newest-cases-shown = De { $count } nyeste vises. Der er flere.
record-without-cases = Der er ingen sager.
property-without-these = Der er ingen på ejendommen.
