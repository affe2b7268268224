# Notifications, and who else looks at the case.
notices = Notifications
notices-unseen =
    { $count ->
        [0] Notifications, none unread
        [one] Notifications, { $count } unread
       *[other] Notifications, { $count } unread
    }
notices-mentions = Mentioned in notes
notices-mentioned-by = { $name } mentioned you
notices-no-mention = No new note mentions you. A colleague is mentioned by @ and the name in an internal note.
notices-followed = Cases you follow
notices-no-followed = You follow no case. Choose Follow on the page of a case.
notices-new = Changed
notices-see-all = Mark all as read
follow = Follow
saved-follow = You follow the case
saved-unfollow = You no longer follow the case
presence-looking = { $name } is looking at the case too
presence-writing = { $name } is writing …
draft-keep = Keep draft
