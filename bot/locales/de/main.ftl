# Das Gespräch: Gruß und Hilfe, die Tafel unter einem Foto, der fertige Bildtext, was schiefging.

hello =
    Hallo! Schick mir ein Foto, und ich schlage Hashtags dafür vor.

    Tippe auf die passenden: mit jedem Tippen folgen die nächsten Vorschläge deiner Wahl. Am Ende bekommst du einen Bildtext zum Kopieren.

    /help sagt, was noch geht.
help =
    Schick ein Foto, oder ein Bild als Datei (JPEG, PNG, WebP, HEIC).

    • Tippe auf einen #Hashtag, um ihn hinzuzufügen, auf ✓, um ihn wieder herauszunehmen.
    • Mehr zeigt andere Vorschläge, Rückgängig nimmt den letzten Schritt zurück, Fertig gibt dir den Bildtext zum Kopieren.
    • Schreib #unserhund für eigene Hashtags, oder beliebigen Text, der dann darüber steht.
    • Sind mehrere Fotos offen, antworte auf das gemeinte; sonst zählt das neueste.
    • Warum? zeigt, woher im Foto ein Hashtag kommt; Ähnliche…, Suchen… und Überrasch mich lenken, was danach kommt.
    • Ein Album ist ein Bildtext. In einer Gruppe antworte mit /tag auf ein Foto.
    • /history und /sets verwenden frühere Hashtags wieder, /settings passt mich deiner Plattform und deinem Geschmack an.
    • /cancel legt ein Foto beiseite.
send-a-photo = Schick mir ein Foto, und ich schlage Hashtags dafür vor.
unknown-command = Diesen Befehl kenne ich nicht. /help sagt, was ich kann.

no-video = Videos kann ich nicht ansehen. Schick mir lieber ein Foto.
no-animation = GIFs kann ich nicht ansehen. Schick mir lieber ein Foto.
no-sticker = Schöner Sticker! Hashtags kenne ich nur für Fotos: schick mir eins.
no-voice = Hören kann ich nicht. Schick mir lieber ein Foto.
no-document = Diese Art Datei kann ich nicht lesen. Schick mir ein Foto, oder ein Bild als Datei.
no-other = Damit kann ich nichts anfangen. Schick mir lieber ein Foto.

command-start = Hallo sagen
command-help = Was ich kann
command-history = Bildtexte, die wir fertig haben
command-sets = Gespeicherte Hashtag-Sammlungen
command-settings = Wie ich für dich arbeiten soll
command-cancel = Das offene Foto beiseitelegen
command-privacy = Was ich speichere und wie lange
command-export = Alles, was über diesen Chat gespeichert ist
command-forget = Alles davon löschen

# Die Tafel: die Nachricht mit den Knöpfen.
caption-empty = Tippe auf passende Hashtags, oder schreib eigene: #unserhund
caption-so-far = Dein Bildtext bisher:
nothing-more = Mehr fällt mir zu diesem Foto nicht ein.
finished = ✅ Fertig. Dein Bildtext steht unten.
finished-empty = Von diesem Bildtext ist nichts mehr übrig. Tippe auf „Ändern“, um weiterzumachen.
reopened = Dieser Bildtext geht unten weiter.
cancelled = Dieses Foto ist beiseitegelegt.
button-more = 🔄 Mehr
button-undo = ↩️ Rückgängig
button-done = ✅ Fertig
button-edit = ✏️ Ändern
button-copy = 📋 Kopieren
button-again = 🔁 Nochmal versuchen

# Der fertige Bildtext.
copy-hint = Tippe auf den Bildtext, um ihn zu kopieren.
copy-too-long = Er ist länger als die { $limit } Zeichen, die bei Telegram unter ein Foto passen.

# Kurze Antworten auf Tippen und Befehle.
nothing-to-undo = Es gibt nichts rückgängig zu machen.
no-tag-yet = Wähle zuerst einen Hashtag.
not-yours = Hier kann nur wählen, wer mich nach diesem Foto gefragt hat.
old-button = Dieser Knopf geht nicht mehr. Schick das Foto nochmal, um neu zu beginnen.
session-done = Dieser Bildtext ist fertig. Tippe auf Ändern, um weiterzumachen.
words-after-done = Dieser Bildtext ist fertig. Tippe auf Ändern, um weiterzumachen, antworte auf das Foto, das du meinst, oder schick mir ein neues.
session-cancelled = Dieses Foto wurde beiseitegelegt. Schick es nochmal, um neu zu beginnen.
already-open = Es ist schon offen.
too-many-tags = Mehr als { $limit } Hashtags passen nicht in einen Bildtext.
text-too-long =
    { $excess ->
        [one] Dein Text ist ein Zeichen länger als die { $limit }, die { $platform } nimmt. Schick einen kürzeren.
       *[other] Dein Text ist { $excess } Zeichen länger als die { $limit }, die { $platform } nimmt. Schick einen kürzeren.
    }
carry-none = Dieser Bildtext hat keine Hashtags.
put-aside = Gut, das Foto ist beiseitegelegt.
nothing-to-cancel = Kein Foto ist offen. Schick mir eins.

# Was schiefging.
left-out =
    { $count ->
        [one] Eines dieser Fotos bleibt außen vor. { $reason }
       *[other] { $count } dieser Fotos bleiben außen vor. { $reason }
    }
not-an-image = Dieses Bild kann ich nicht öffnen: die Datei ist beschädigt oder von einer Art, die ich nicht kenne.
too-many-pixels = Dieses Bild hat zu viele Pixel für mich. Schick es als Foto oder verkleinere es.
file-too-large = Diese Datei ist zu groß für mich: bis { $limit } MB kann ich holen. Schick sie als Foto.
busy = Gerade warten viele Fotos. Versuch es in { $seconds } s noch einmal.
engine-away = Ich erreiche gerade nicht, was deine Fotos ansieht. Versuch es gleich noch einmal.
not-fetched = Ich konnte das Foto nicht von Telegram holen. Versuch es gleich noch einmal.
photo-gone = Das Foto ist nicht mehr da. Bitte schick es noch einmal.
stopping = Ich werde gerade neu gestartet. Versuch es gleich noch einmal.
sorry = Entschuldige, da ging bei mir etwas schief. Bitte versuch es noch einmal.
