# Steering: search by letters, less obvious suggestions, starting over.

button-search = 🔍 Search…
button-surprise = 🎲 Surprise me
button-restart = 🧹 Start over
search-ask = Which letters should the hashtag have? Reply with some, like sun.
search-field = sun
search-found = Hashtags with “{ $letters }”:
search-none = I know no hashtag with “{ $letters }”. You can add it as your own:
search-none-long = I know no hashtag with “{ $letters }”. Send it as a message of its own, with #, to add it.
search-letters = Reply with a few letters of a hashtag.
