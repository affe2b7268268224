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
record-created = oprettede posten
record-imported = oprettede posten fra { $file }
record-changed = ændrede { $changes }
record-revealed = så de beskyttede oplysninger
record-without-history = Der er ikke sket noget med posten, siden historikken blev taget i brug.
reveal-contact = Vis beskyttede oplysninger
contact-revealed = Oplysningerne vises. At du har set dem, står i historikken.
protection = Navne- og adressebeskyttelse
answer-yes = ja
answer-no = nej
