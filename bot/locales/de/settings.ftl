# Das Menü von /settings, und was in Bildtexten daraus folgt.

settings-private = Deine Einstellungen. Sie gelten ab jetzt in diesem Chat.
settings-group = Die Einstellungen dieser Gruppe. Sie gelten ab jetzt.
settings-admins = Nur ein Administrator dieser Gruppe kann ihre Einstellungen ändern.
settings-back = ‹ Alle Einstellungen

setting-platform = Plattform
setting-platform-none = egal
about-platform = Wo veröffentlichst du? Ich zähle dann mit und höre bei der Grenze dort auf.
platform-tags = { $platform } nimmt bis zu { $tags } Hashtags und { $characters } Zeichen ({ $date }).
platform-characters = { $platform } nimmt bis zu { $characters } Zeichen ({ $date }).
setting-layout = Bildtext
setting-layout-line = alle Hashtags in einer Zeile
setting-layout-lines = ein Hashtag je Zeile
setting-layout-dots = Hashtags unter Punkten
about-layout = Wie sollen die Hashtags unter deinem Text stehen?
setting-order = Reihenfolge
setting-order-chosen = wie gewählt
setting-order-broad = allgemein → speziell
about-order = In welcher Reihenfolge sollen die Hashtags stehen?
setting-buttons = Vorschläge auf einmal
about-buttons = Wie viele Hashtags soll ich auf einmal vorschlagen?
setting-columns = Spalten
about-columns = Wie viele sollen nebeneinander stehen? Weniger lassen Platz für längere.
setting-leaning = Art der Hashtags
setting-leaning-common = viel allgemeinere
setting-leaning-rather-common = allgemeinere
setting-leaning-usual = ausgewogen
setting-leaning-rather-specific = speziellere
setting-leaning-specific = viel speziellere
about-leaning = Allgemeine Hashtags wie #food suchen viele, spezielle wie #espresso fallen mehr auf.
setting-promotional = Werbende Hashtags
now-promotional-on = Ich schlage jetzt auch Hashtags vor, die werben oder um Follower bitten, etwa #followme.
now-promotional-off = Ich schlage keine Hashtags mehr vor, die nur werben oder um Follower bitten.
setting-taste = Aus meiner Wahl lernen
now-taste-on = Was du oft wählst, rückt in meinen Vorschlägen jetzt nach vorn, was du herausnimmst, nach hinten.
now-taste-off = Was du früher gewählt hast, ändert meine Vorschläge nicht mehr.
setting-forget-taste = 🧽 Gelerntes vergessen
taste-forgotten = Vergessen. Ich lerne neu aus deinen nächsten Entscheidungen.
setting-local_tags = Hashtag auch in meiner Sprache
now-local_tags-on = Hashtags, die ich auch auf Deutsch kenne, stehen jetzt zusätzlich auf Deutsch im Bildtext: #dog #hund.
now-local_tags-off = Im Bildtext stehen jetzt nur noch die Hashtags, die du wählst.
setting-everyone = Alle dürfen wählen
now-everyone-on = Jetzt dürfen alle in dieser Gruppe die Hashtags für jedes Foto wählen.
now-everyone-off = Jetzt wählt nur noch, wer das Foto geschickt oder mich danach gefragt hat.
setting-language = Sprache
setting-language-none = wie in Telegram
about-language = Welche Sprache soll ich sprechen?

setting-blocked =
    { $count ->
        [0] 🚫 Gesperrte Hashtags: keine
       *[other] 🚫 Gesperrte Hashtags: { $count }
    }
blocked-list =
    { $count ->
        [0] Kein Hashtag ist gesperrt.
        [one] Ein Hashtag wird nie vorgeschlagen. Tippe darauf, um ihn wieder zuzulassen.
       *[other] { $count } Hashtags werden nie vorgeschlagen. Tippe auf einen, um ihn wieder zuzulassen.
    }
blocked-more = ➕ Hashtags sperren
blocked-ask = Welche Hashtags soll ich nie vorschlagen? Antworte mit einem oder mehreren, etwa #love #happy.
blocked-field = #love #happy
left-blocked = Nur { $limit } Hashtags lassen sich sperren, daher habe ich { $tags } weggelassen.

# Grenzen der gewählten Plattform.
count-tags = { $used } von { $limit } Hashtags für { $platform }
count-characters = { $used } von { $limit } Zeichen für { $platform }
full-tags =
    { $limit ->
        [one] { $platform } nimmt nur einen Hashtag. Nimm ihn zuerst heraus, oder ändere die Plattform in /settings.
       *[other] { $platform } nimmt nur { $limit } Hashtags. Nimm zuerst einen heraus, oder ändere die Plattform in /settings.
    }
full-characters =
    { $excess ->
        [one] Das ist ein Zeichen mehr als die { $limit }, die { $platform } nimmt.
       *[other] Das sind { $excess } Zeichen mehr als die { $limit }, die { $platform } nimmt.
    }

# Was nicht mehr hineinpasste: ein getippter oder mitgebrachter Hashtag bleibt weg und wird genannt.
left-tags =
    { $limit ->
        [one] { $platform } nimmt nur einen Hashtag, daher habe ich { $tags } weggelassen.
       *[other] { $platform } nimmt nur { $limit } Hashtags, daher habe ich { $tags } weggelassen.
    }
left-characters = { $platform } nimmt nur { $limit } Zeichen, daher habe ich { $tags } weggelassen.
left-any = Ein Bildtext nimmt nur { $limit } Hashtags, daher habe ich { $tags } weggelassen.
left-more = { $tags } und { $more } weitere
