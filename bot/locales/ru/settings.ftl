# Меню /settings и то, что из него следует для подписей.

settings-private = Ваши настройки. Они действуют в этом чате с этой минуты.
settings-group = Настройки этой группы. Они действуют с этой минуты.
settings-admins = Менять настройки группы может только её администратор.
settings-back = ‹ Все настройки

setting-platform = Площадка
setting-platform-none = любая
about-platform = Где вы публикуете? Я буду считать вместе с вами и остановлюсь на её пределе.
platform-tags =
    { $tags ->
        [one] { $platform }: до { $tags } хештега, символов до { $characters } ({ $date }).
       *[other] { $platform }: до { $tags } хештегов, символов до { $characters } ({ $date }).
    }
platform-characters = { $platform }: символов до { $characters } ({ $date }).
setting-layout = Подпись
setting-layout-line = все хештеги в одну строку
setting-layout-lines = по хештегу в строке
setting-layout-dots = хештеги под точками
about-layout = Как должны стоять хештеги под вашим текстом?
setting-order = Порядок
setting-order-chosen = как выбраны
setting-order-broad = общие → точные
about-order = В каком порядке должны стоять хештеги?
setting-buttons = Предложений за раз
about-buttons = Сколько хештегов предлагать за раз?
setting-columns = Столбцы
about-columns = Сколько ставить в ряд? Чем меньше, тем больше места длинным.
setting-leaning = Какие хештеги
setting-leaning-common = намного более общие
setting-leaning-rather-common = более общие
setting-leaning-usual = поровну
setting-leaning-rather-specific = более точные
setting-leaning-specific = намного более точные
about-leaning = Общие хештеги вроде #food ищут многие, точные вроде #espresso заметнее.
setting-promotional = Рекламные хештеги
now-promotional-on = Теперь предлагаю и хештеги, которые рекламируют или зовут подписаться, например #followme.
now-promotional-off = Больше не предлагаю хештеги, которые только рекламируют или зовут подписаться.
setting-taste = Учиться на моём выборе
now-taste-on = То, что вы часто выбираете, теперь стоит выше, а то, что убираете, — ниже.
now-taste-off = Ваш прежний выбор больше не влияет на предложения.
setting-forget-taste = 🧽 Забыть выученное
taste-forgotten = Забыто. Учусь заново на вашем следующем выборе.
setting-local_tags = Добавлять хештег на моём языке
now-local_tags-on = Рядом с хештегом теперь стоит и русский, если я его знаю: #dog #собака.
now-local_tags-off = В подписи теперь только те хештеги, которые вы выбираете.
setting-everyone = Выбирать могут все
now-everyone-on = Теперь хештеги для любого фото могут выбирать все в этой группе.
now-everyone-off = Теперь выбирает только тот, кто прислал фото или спросил о нём.
setting-language = Язык
setting-language-none = как в Telegram
about-language = На каком языке говорить?

setting-blocked =
    { $count ->
        [0] 🚫 Запрещённые хештеги: нет
       *[other] 🚫 Запрещённые хештеги: { $count }
    }
blocked-list =
    { $count ->
        [0] Ни один хештег не запрещён.
        [one] { $count } хештег никогда не предлагается. Нажмите на него, чтобы снова разрешить.
        [few] { $count } хештега никогда не предлагаются. Нажмите на любой, чтобы снова разрешить.
       *[other] { $count } хештегов никогда не предлагаются. Нажмите на любой, чтобы снова разрешить.
    }
blocked-more = ➕ Запретить хештеги
blocked-ask = Какие хештеги никогда не предлагать? Ответьте одним или несколькими, например #love #happy.
blocked-field = #love #happy
left-blocked =
    { $limit ->
        [one] Можно запретить только { $limit } хештег, поэтому не добавлено: { $tags }.
        [few] Можно запретить только { $limit } хештега, поэтому не добавлено: { $tags }.
       *[other] Можно запретить только { $limit } хештегов, поэтому не добавлено: { $tags }.
    }

# Пределы выбранной площадки.
count-tags = { $platform }: хештегов { $used } из { $limit }
count-characters = { $platform }: символов { $used } из { $limit }
full-tags =
    { $limit ->
        [one] { $platform } принимает только { $limit } хештег. Сначала уберите его или смените площадку в /settings.
        [few] { $platform } принимает только { $limit } хештега. Сначала уберите один или смените площадку в /settings.
       *[other] { $platform } принимает только { $limit } хештегов. Сначала уберите один или смените площадку в /settings.
    }
full-characters =
    { $excess ->
        [one] На { $excess } символ больше, чем принимает { $platform } ({ $limit }).
        [few] На { $excess } символа больше, чем принимает { $platform } ({ $limit }).
       *[other] На { $excess } символов больше, чем принимает { $platform } ({ $limit }).
    }

# Что уже не поместилось: набранный или перенесённый хештег не добавляется и называется.
left-tags =
    { $limit ->
        [one] { $platform } принимает только { $limit } хештег, поэтому не добавлено: { $tags }.
        [few] { $platform } принимает только { $limit } хештега, поэтому не добавлено: { $tags }.
       *[other] { $platform } принимает только { $limit } хештегов, поэтому не добавлено: { $tags }.
    }
left-characters =
    { $limit ->
        [one] { $platform } принимает только { $limit } символ, поэтому не добавлено: { $tags }.
        [few] { $platform } принимает только { $limit } символа, поэтому не добавлено: { $tags }.
       *[other] { $platform } принимает только { $limit } символов, поэтому не добавлено: { $tags }.
    }
left-any =
    { $limit ->
        [one] В подпись помещается только { $limit } хештег, поэтому не добавлено: { $tags }.
        [few] В подпись помещаются только { $limit } хештега, поэтому не добавлено: { $tags }.
       *[other] В подпись помещается только { $limit } хештегов, поэтому не добавлено: { $tags }.
    }
left-more = { $tags } и ещё { $more }
