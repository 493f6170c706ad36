# Dirigir: buscar por letras, sugerencias menos obvias, empezar de nuevo.

button-search = 🔍 Buscar…
button-surprise = 🎲 Sorpréndeme
button-restart = 🧹 Empezar de nuevo
search-ask = ¿Qué letras debe tener el hashtag? Responde con algunas, como sun.
search-field = sun
search-found = Hashtags con «{ $letters }»:
search-none = No conozco ningún hashtag con «{ $letters }». Puedes añadirlo como tuyo:
search-none-long = No conozco ningún hashtag con «{ $letters }». Envíalo como mensaje aparte, con #, para añadirlo.
search-letters = Responde con unas letras de un hashtag.
