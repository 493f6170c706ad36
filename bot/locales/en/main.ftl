# The conversation: hello and help, the panel under a photo, the finished caption, what went wrong.

hello =
    Hi! Send me a photo and I suggest hashtags for it.

    Tap the ones that fit: with every tap the next suggestions follow your choice. When you are done, you get one caption to copy.

    /help says what else works.
help =
    Send a photo, or an image as a file (JPEG, PNG, WebP, HEIC).

    • Tap a #hashtag to add it, tap ✓ to take it out again.
    • More shows other suggestions, Undo takes the last step back, Done gives you the caption to copy.
    • Type #ourdog to add your own hashtags, or any text to put it above them.
    • With several photos open, reply to the one you mean; otherwise the newest counts.
    • Why? shows where in the photo a hashtag comes from; Similar…, Search… and Surprise me steer what comes next.
    • An album is one caption. In a group, reply to a photo with /tag.
    • /history and /sets use earlier hashtags again, /settings makes me fit your platform and your taste.
    • /cancel puts a photo aside.
send-a-photo = Send me a photo, and I suggest hashtags for it.
unknown-command = I do not know that command. /help says what I can do.

no-video = I cannot watch videos. Send me a photo instead.
no-animation = I cannot watch GIFs. Send me a photo instead.
no-sticker = Nice sticker! Hashtags I only know for photos: send me one.
no-voice = I cannot listen. Send me a photo instead.
no-document = I cannot read this kind of file. Send me a photo, or an image as a file.
no-other = With this I cannot do anything. Send me a photo instead.

command-start = Say hello
command-help = What I can do
command-history = Captions that I finished with you
command-sets = Saved hashtag sets
command-settings = How I should work for you
command-cancel = Put the open photo aside
command-privacy = What I store, and for how long
command-export = All that is stored about this chat
command-forget = Delete all of it

# The panel: the message with the buttons.
caption-empty = Tap the hashtags that fit, or type your own: #ourdog
caption-so-far = Your caption so far:
nothing-more = That is all I can think of for this photo.
finished = ✅ Done. Your caption is ready below.
finished-empty = Nothing is left of this caption. Tap Edit to go on with it.
reopened = This caption goes on below.
cancelled = This photo is put aside.
button-more = 🔄 More
button-undo = ↩️ Undo
button-done = ✅ Done
button-edit = ✏️ Edit
button-copy = 📋 Copy
button-again = 🔁 Try again

# The finished caption.
copy-hint = Tap the caption to copy it.
copy-too-long = It is longer than the { $limit } characters that fit under a photo on Telegram.

# Short answers to taps and commands.
nothing-to-undo = There is nothing to undo.
no-tag-yet = Choose a hashtag first.
not-yours = Only the person who asked me about this photo can choose here.
old-button = This button no longer works. Send the photo again to start over.
session-done = This caption is finished. Tap Edit to go on.
words-after-done = This caption is finished. Tap Edit to go on with it, reply to the photo that you mean, or send me a new one.
session-cancelled = This photo was put aside. Send it again to start over.
already-open = It is open already.
too-many-tags = More than { $limit } hashtags do not fit into a caption.
text-too-long =
    { $excess ->
        [one] Your text is one character longer than the { $limit } that { $platform } takes. Send a shorter one.
       *[other] Your text is { $excess } characters longer than the { $limit } that { $platform } takes. Send a shorter one.
    }
carry-none = This caption has no hashtags.
put-aside = OK, I put the photo aside.
nothing-to-cancel = No photo is open. Send me one.

# What went wrong.
left-out =
    { $count ->
        [one] One of these photos is left out. { $reason }
       *[other] { $count } of these photos are left out. { $reason }
    }
not-an-image = I cannot open this picture: the file is damaged or of a kind that I do not know.
too-many-pixels = This picture has too many pixels for me. Send it as a photo, or make it smaller.
file-too-large = This file is too large for me: up to { $limit } MB I can fetch. Send it as a photo.
busy = Many photos are waiting right now. Try again in { $seconds } s.
engine-away = I cannot reach what looks at your photos. Try again in a moment.
not-fetched = I could not fetch the photo from Telegram. Try again in a moment.
photo-gone = The photo is no longer there. Please send it again.
stopping = I am being restarted. Try again in a moment.
sorry = Sorry, something went wrong with that on my side. Please try it once more.
