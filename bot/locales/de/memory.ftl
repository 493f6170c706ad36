# Was ein Chat behält: frühere Bildtexte (/history), gespeicherte Sammlungen (/sets), Datenschutz.

history-entry =
    { $position } von { $total } · { $date }{ $photos ->
        [one] { "" }
       *[other] { " " }· { $photos } Fotos
    }
history-newer = ◀ Neuer
history-older = Älter ▶
history-send = 📋 Nochmal senden
history-use = ➕ Für ein Foto nehmen
history-empty = Noch kein fertiger Bildtext. Schick mir ein Foto, wähle Hashtags und tippe auf Fertig.
history-gone = Diesen Bildtext gibt es nicht mehr.

next-photo =
    Kein Foto ist offen. Schick mir innerhalb einer Stunde eins, dann beginnt es mit:
    { $tags }
next-not = Doch nicht
next-used =
    Dein Foto begann mit:
    { $tags }
next-gone = Womit dein Foto beginnen sollte, gibt es nicht mehr.
next-never = Gut, das nächste Foto beginnt leer.
carry-added =
    { $count ->
        [0] Das Foto hat schon alle.
        [one] Ein Hashtag kam zu deinem Foto dazu.
       *[other] { $count } Hashtags kamen zu deinem Foto dazu.
    }

sets-list = Deine gespeicherten Sammlungen. Tippe auf eine, um sie zu nehmen, umzubenennen oder zu löschen.
sets-none =
    Noch keine Sammlung gespeichert.

    Wähle Hashtags für ein Foto und speichere sie hier unter einem Namen, um sie für andere Fotos zu nehmen.
sets-save = 💾 Hashtags dieses Fotos speichern
sets-use = ➕ Für ein Foto nehmen
sets-rename = ✏️ Umbenennen
sets-delete = 🗑 Löschen
sets-back = ‹ Alle Sammlungen
sets-really = Die Sammlung „{ $name }“ löschen?
sets-yes = 🗑 Löschen
sets-no = Behalten
sets-gone = Diese Sammlung gibt es nicht mehr.
sets-deleted = „{ $name }“ ist gelöscht.
sets-ask-name = Wie soll die Sammlung heißen? Antworte mit einem Namen, etwa Strand.
sets-ask-rename = Wie soll „{ $name }“ heißen? Antworte mit dem neuen Namen.
sets-field = Name der Sammlung
sets-name-too-long = Ein Name hat 1 bis { $limit } Zeichen.
sets-name-taken = Eine andere Sammlung heißt schon „{ $name }“. Antworte mit einem anderen Namen.
sets-nothing = Es gibt keine Hashtags zu speichern. Wähle zuerst welche für ein Foto.
sets-full = Mehr als { $limit } Sammlungen kann ich nicht behalten. Lösche zuerst eine.
sets-saved = 💾 Gespeichert als „{ $name }“.
sets-replaced = 💾 „{ $name }“ enthält jetzt diese Hashtags.
sets-renamed = ✏️ Sie heißt jetzt „{ $name }“.

menu-not-yours = Dieses Menü gehört jemand anderem. Öffne dein eigenes mit demselben Befehl.
menu-answered = Deine Antwort darauf habe ich schon.

privacy-what =
    Was ich über diesen Chat speichere: welche Hashtags du gewählt, übergangen oder getippt hast, die Worte deiner Bildtexte, deine Sammlungen und Einstellungen, von jedem Foto einen Fingerabdruck aus Zahlen und Telegrams Verweis darauf.
privacy-not =
    Die Fotos selbst speichere ich nie, und nichts geht an andere. Deine Nachrichten warten in einem Eingang, bis ich geantwortet habe; einen Tag später werden sie dort gelöscht.
privacy-days =
    { $days ->
        [one] Was einen Tag lang niemand nutzt, wird von selbst gelöscht.
       *[other] Was { $days } Tage lang niemand nutzt, wird von selbst gelöscht.
    }
privacy-for-ever = Der Rest bleibt, bis du ihn löschst.
privacy-page =
    { $days ->
        [one] Diese Chat-Seite behält ihre Nachrichten ebenso lange, gesendete Dateien einen Tag.
       *[other] Diese Chat-Seite behält ihre Nachrichten ebenso lange, gesendete Dateien { $days } Tage.
    }
privacy-do = /export schickt dir alles als Datei. /forget löscht alles.
privacy-admins = Das kann nur ein Administrator dieser Gruppe.
export-done = Alles, was über diesen Chat gespeichert ist. /privacy erklärt es.
forget-really = Alles löschen, was ich über diesen Chat weiß: alle Bildtexte, Entscheidungen, Sammlungen und Einstellungen? Das lässt sich nicht rückgängig machen.
forget-telegram = Die Nachrichten bei Telegram bleiben; den Chat kannst du selbst löschen.
forget-page = Die Nachrichten und Fotos dieses Chats werden mitgelöscht.
forget-yes = 🗑 Alles löschen
forget-no = Behalten
forget-kept = Nichts wurde gelöscht.
forget-done = Alles ist gelöscht. Wenn du mir ein Foto schickst, fangen wir neu an.
