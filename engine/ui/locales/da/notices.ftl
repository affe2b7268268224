# Notifikationer, og hvem der ellers ser på sagen.
notices = Notifikationer
notices-unseen =
    { $count ->
        [0] Notifikationer, ingen ulæste
        [one] Notifikationer, { $count } ulæst
       *[other] Notifikationer, { $count } ulæste
    }
notices-mentions = Nævnt i noter
notices-mentioned-by = { $name } nævnte dig
notices-no-mention = Ingen nye noter nævner dig. En kollega nævnes med @ og navnet i en intern note.
notices-followed = Sager, du følger
notices-no-followed = Du følger ingen sager. Vælg Følg på en sags side.
notices-new = Ændret
notices-see-all = Markér alt som læst
follow = Følg
saved-follow = Du følger sagen
saved-unfollow = Du følger ikke længere sagen
presence-looking = { $name } ser også på sagen
presence-writing = { $name } skriver …
draft-keep = Gem kladde
