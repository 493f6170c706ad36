"""Every sentence that the bot says to people, in one place, ready for translation.

Names in braces are filled in with `str.format`. Answers to taps stay under 200 characters.
"""

from __future__ import annotations

HELLO = (
    "Hi! Send me a photo and I suggest hashtags for it.\n\n"
    "Tap the ones that fit: with every tap the next suggestions follow your choice. "
    "When you are done, you get one caption to copy.\n\n"
    "/help says what else works."
)
HELP = (
    "Send a photo, or an image as a file (JPEG, PNG, WebP, HEIC).\n\n"
    "• Tap a #hashtag to add it, tap ✓ to take it out again.\n"
    "• More shows other suggestions, Undo takes the last step back, "
    "Done gives you the caption to copy.\n"
    "• Type #ourdog to add your own hashtags, or any text to put it above them.\n"
    "• With several photos open, reply to the one you mean; otherwise the newest counts.\n"
    "• /cancel puts a photo aside."
)
SEND_A_PHOTO = "Send me a photo, and I suggest hashtags for it."
UNKNOWN_COMMAND = "I do not know that command. /help says what I can do."
ONLY_PHOTOS = {
    "video": "I cannot watch videos. Send me a photo instead.",
    "animation": "I cannot watch GIFs. Send me a photo instead.",
    "sticker": "Nice sticker! Hashtags I only know for photos: send me one.",
    "voice": "I cannot listen. Send me a photo instead.",
    "document": "I cannot read this kind of file. Send me a photo, or an image as a file.",
    "other": "With this I cannot do anything. Send me a photo instead.",
}

COMMANDS = {
    "start": "Say hello",
    "help": "What I can do",
    "cancel": "Put the open photo aside",
}

# The panel: the message with the buttons.
EMPTY_CAPTION = "Tap the hashtags that fit, or type your own: #ourdog"
CAPTION_SO_FAR = "Your caption so far:"
NOTHING_MORE = "That is all I can think of for this photo."
FINISHED = "✅ Done. Your caption is ready below."
REOPENED = "This caption goes on below."
CANCELLED = "This photo is put aside."
MORE = "🔄 More"
UNDO = "↩️ Undo"
DONE = "✅ Done"
EDIT = "✏️ Edit"
COPY = "📋 Copy"
TRY_AGAIN = "🔁 Try again"

# The finished caption.
COPY_HINT = "Tap the caption to copy it."
LONGER_THAN_A_PHOTO_CAPTION = (
    "It is longer than the {limit:,} characters that fit under a photo on Telegram."
)

# Short answers to taps and commands.
NOTHING_TO_UNDO = "There is nothing to undo."
NO_TAG_YET = "Choose a hashtag first."
NOT_YOURS = "Only the person who sent the photo can choose here."
OLD_BUTTON = "This button no longer works. Send the photo again to start over."
SESSION_DONE = "This caption is finished. Tap Edit to go on."
SESSION_CANCELLED = "This photo was put aside. Send it again to start over."
ALREADY_OPEN = "It is open already."
TOO_MANY_TAGS = "More than {limit} hashtags do not fit into a caption."
PUT_ASIDE = "OK, I put the photo aside."
NOTHING_TO_CANCEL = "No photo is open. Send me one."

# What went wrong.
NOT_AN_IMAGE = "I cannot open this picture: the file is damaged or of a kind that I do not know."
TOO_MANY_PIXELS = "This picture has too many pixels for me. Send it as a photo, or make it smaller."
FILE_TOO_LARGE = "This file is too large for me: up to {limit} MB I can fetch. Send it as a photo."
BUSY = "Many photos are waiting right now. Try again in {seconds} s."
NOT_FETCHED = "I could not fetch the photo from Telegram. Try again in a moment."
PHOTO_GONE = "The photo is no longer there. Please send it again."
STOPPING = "I am being restarted. Try again in a moment."
SORRY = "Sorry, something went wrong with that on my side. Please try it once more."
