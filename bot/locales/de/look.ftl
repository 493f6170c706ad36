# Was der Bot aus Fotos macht: Warum?, ähnliche Hashtags, Alben, Gruppen, der erste Kontakt.

button-why = 💡 Warum?
button-like = 🧲 Ähnliche…
button-join = ➕ Zum Text darüber hinzufügen
button-back = ‹ Zurück

why-which = Welchen Hashtag soll ich erklären?
why-photo = { $tag }: Was dafür spricht, ist auf dem Foto, vor allem { $place }.
why-both = { $tag }: { $photo } % von dem, was dafür spricht, ist auf dem Foto, vor allem { $place }; { $tags } % steckt in deinen Hashtags davor.
why-photo-alone = { $tag }: Was dafür spricht, ist auf dem Foto, vor allem { $place }; deine Hashtags davor sprechen nicht dafür.
why-tags-alone = { $tag }: Deine Hashtags davor sprechen dafür, das Foto nicht.
why-neither = { $tag }: Weder das Foto noch deine Hashtags davor sprechen dafür.
why-unknown = Ich kenne { $tag } nicht von Fotos und kann nicht zeigen, woher er kommt.
why-none = { $tag } kommt nie von dem, was ein Foto zeigt; da gibt es nichts zu sehen.
place-top-left = oben links
place-top = oben
place-top-right = oben rechts
place-left = links
place-middle = in der Mitte
place-right = rechts
place-bottom-left = unten links
place-bottom = unten
place-bottom-right = unten rechts

# Die Beschriftung des Bildes: kurz und ohne Emoji, die seinen Schriften fehlen.
map-heading = Woher { $tag } kommt
map-photo = das Foto
map-before = davor
map-after = nach { $tag }
map-from-photo = Foto { $value }
map-from-tags = deine Hashtags { $value }
map-against = spricht dagegen
map-for = spricht dafür

like-which = Ähnlich wie welcher Hashtag?
like-now = 🧲 Ähnlich wie { $tag }:
steers-as = { $tag } ist keiner von meinen: Für die Vorschläge zählt er wie { $relatives }.
steers-not = { $tag } ist mir neu: Die Vorschläge richten sich nicht danach.

join-none = Der Text darüber ist nicht mehr offen.
join-full = Mehr als { $limit } Fotos passen nicht zu einem Text.

tag-how = Antworte auf ein Foto mit /tag, und ich schlage Hashtags dafür vor.
tag-taken = Die Hashtags für dieses Foto wählt schon jemand anderes.
command-tag = Hashtags für das Foto, auf das du antwortest

button-example = 👀 Zeig mir ein Beispiel
example = Ein Beispiel: Tippe die Hashtags an, die passen, und Fertig, wenn dir der Text gefällt.
inline-all = Alle zusammen
inline-photo = 📷 Hashtags für ein Foto vorschlagen
card-description =
    Schick mir ein Foto, und ich schlage Hashtags dafür vor.

    Mit jedem Tippen folgen die nächsten Vorschläge deiner Wahl; am Ende bekommst du einen Text zum Kopieren. Deine Fotos speichere ich nie.
card-about = Hashtags für deine Fotos, mit jedem Tippen einer.
