# What a chat remembers: past captions (/history), saved tag sets (/sets), and privacy.

history-entry =
    { $position } of { $total } · { $date }{ $photos ->
        [one] { "" }
       *[other] { " " }· { $photos } photos
    }
history-newer = ◀ Newer
history-older = Older ▶
history-send = 📋 Send again
history-use = ➕ Use for a photo
history-empty = No finished caption yet. Send me a photo, choose hashtags and tap Done.
history-gone = This caption is no longer there.

next-photo =
    No photo is open. Send me one within an hour, and it starts with:
    { $tags }
next-not = Never mind
next-used =
    Your photo started with:
    { $tags }
next-gone = What your photo should have started with is no longer there.
next-never = OK, the next photo starts empty.
carry-added =
    { $count ->
        [0] The photo has all of them already.
        [one] Added one hashtag to your photo.
       *[other] Added { $count } hashtags to your photo.
    }

sets-list = Your saved hashtag sets. Tap one to use, rename or delete it.
sets-none =
    No hashtag set is saved yet.

    Choose hashtags for a photo and save them here under a name, to use them for other photos.
sets-save = 💾 Save this photo’s hashtags
sets-use = ➕ Use for a photo
sets-rename = ✏️ Rename
sets-delete = 🗑 Delete
sets-back = ‹ All sets
sets-really = Delete the set “{ $name }”?
sets-yes = 🗑 Delete
sets-no = Keep it
sets-gone = This set is no longer there.
sets-deleted = “{ $name }” is deleted.
sets-ask-name = What should the set be called? Reply with a name, like Beach.
sets-ask-rename = What should “{ $name }” be called? Reply with the new name.
sets-field = Name of the set
sets-name-too-long = A name has 1 to { $limit } characters.
sets-name-taken = Another set is called “{ $name }”. Reply with a different name.
sets-nothing = There are no hashtags to save. Choose some for a photo first.
sets-full = More than { $limit } sets cannot be kept. Delete one first.
sets-saved = 💾 Saved as “{ $name }”.
sets-replaced = 💾 “{ $name }” now holds these hashtags.
sets-renamed = ✏️ It is called “{ $name }” now.

menu-not-yours = This menu belongs to somebody else. Open your own with the same command.
menu-answered = I have your answer to this already.

privacy-what =
    What I store about this chat: which hashtags you chose, passed over or typed, the words of your captions, your saved sets and settings, a numeric fingerprint of each photo, and Telegram’s reference to it.
privacy-not =
    I never store the photos themselves, and nothing is sent to anybody else. Your messages wait in an inbox until I have answered them; a day later they are deleted there.
privacy-days =
    { $days ->
        [one] What nobody uses for a day is deleted by itself.
       *[other] What nobody uses for { $days } days is deleted by itself.
    }
privacy-for-ever = The rest stays until you delete it.
privacy-page =
    { $days ->
        [one] This chat page keeps its messages as long, and sent files for a day.
       *[other] This chat page keeps its messages as long, and sent files for { $days } days.
    }
privacy-do = /export sends you all of it as a file. /forget deletes all of it.
privacy-admins = Only an administrator of this group can do that.
export-done = Everything that is stored about this chat. /privacy explains it.
forget-really = Delete everything that I know about this chat: all captions, choices, saved sets and settings? It cannot be undone.
forget-telegram = The messages on Telegram stay; you can delete the chat yourself.
forget-page = The messages and photos of this chat go too.
forget-yes = 🗑 Delete everything
forget-no = Keep it
forget-kept = Nothing was deleted.
forget-done = Everything is deleted. If you send me a photo, we start anew.
