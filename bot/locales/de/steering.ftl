# Lenken: Suche nach Buchstaben, weniger naheliegende Vorschläge, neu beginnen.

button-search = 🔍 Suchen…
button-surprise = 🎲 Überrasch mich
button-restart = 🧹 Neu beginnen
search-ask = Welche Buchstaben soll der Hashtag haben? Antworte mit einigen, etwa sun.
search-field = sun
search-found = Hashtags mit „{ $letters }“:
search-none = Ich kenne keinen Hashtag mit „{ $letters }“. Du kannst ihn als eigenen hinzufügen:
search-none-long = Ich kenne keinen Hashtag mit „{ $letters }“. Schick ihn als eigene Nachricht, mit #, um ihn hinzuzufügen.
search-letters = Antworte mit ein paar Buchstaben eines Hashtags.
