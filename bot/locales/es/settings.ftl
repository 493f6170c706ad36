# El menú de /settings, y lo que cambia en los textos.

settings-private = Tus ajustes. Valen para este chat desde ahora.
settings-group = Los ajustes de este grupo. Valen desde ahora.
settings-admins = Solo un administrador de este grupo puede cambiar sus ajustes.
settings-back = ‹ Todos los ajustes

setting-platform = Plataforma
setting-platform-none = cualquiera
about-platform = ¿Dónde publicas? Así cuento contigo y paro donde está su límite.
platform-tags = { $platform } admite hasta { $tags } hashtags y { $characters } caracteres ({ $date }).
platform-characters = { $platform } admite hasta { $characters } caracteres ({ $date }).
setting-layout = Texto
setting-layout-line = todos los hashtags en una línea
setting-layout-lines = un hashtag por línea
setting-layout-dots = hashtags debajo de puntos
about-layout = ¿Cómo deben ir los hashtags debajo de tu texto?
setting-order = Orden
setting-order-chosen = según los elegí
setting-order-broad = general → específico
about-order = ¿En qué orden deben ir los hashtags?
setting-buttons = Sugerencias a la vez
about-buttons = ¿Cuántos hashtags te sugiero a la vez?
setting-columns = Columnas
about-columns = ¿Cuántos van uno al lado del otro? Menos dejan sitio a los largos.
setting-leaning = Tipo de hashtags
setting-leaning-common = mucho más comunes
setting-leaning-rather-common = más comunes
setting-leaning-usual = equilibrado
setting-leaning-rather-specific = más específicos
setting-leaning-specific = mucho más específicos
about-leaning = Los comunes como #food los buscan muchos; los específicos como #espresso destacan más.
setting-promotional = Hashtags promocionales
now-promotional-on = Ahora también sugiero hashtags que hacen publicidad o piden seguidores, como #followme.
now-promotional-off = Ya no sugiero hashtags que solo hacen publicidad o piden seguidores.
setting-taste = Aprender de lo que elijo
now-taste-on = Lo que sueles elegir ahora aparece antes, y lo que quitas, después.
now-taste-off = Lo que elegiste antes ya no cambia mis sugerencias.
setting-forget-taste = 🧽 Olvidar lo aprendido
taste-forgotten = Olvidado. Aprendo de nuevo con lo próximo que elijas.
setting-local_tags = Añadir el hashtag en mi idioma
now-local_tags-on = Los hashtags cuya forma en español conozco ahora la llevan al lado: #dog #perro.
now-local_tags-off = En el texto ahora solo están los hashtags que eliges.
setting-everyone = Todos pueden elegir
now-everyone-on = Ahora todos en este grupo pueden elegir los hashtags de cualquier foto.
now-everyone-off = Ahora solo elige quien envió la foto o me preguntó por ella.
setting-language = Idioma
setting-language-none = como en Telegram
about-language = ¿En qué idioma te hablo?

setting-blocked =
    { $count ->
        [0] 🚫 Hashtags bloqueados: ninguno
       *[other] 🚫 Hashtags bloqueados: { $count }
    }
blocked-list =
    { $count ->
        [0] No hay ningún hashtag bloqueado.
        [one] Un hashtag no se sugiere nunca. Tócalo para permitirlo otra vez.
       *[other] { $count } hashtags no se sugieren nunca. Toca uno para permitirlo otra vez.
    }
blocked-more = ➕ Bloquear hashtags
blocked-ask = ¿Qué hashtags no debo sugerir nunca? Responde con uno o varios, como #love #happy.
blocked-field = #love #happy
left-blocked = Solo se pueden bloquear { $limit } hashtags, así que he dejado fuera { $tags }.

# Límites de la plataforma elegida.
count-tags = { $used } de { $limit } hashtags para { $platform }
count-characters = { $used } de { $limit } caracteres para { $platform }
full-tags =
    { $limit ->
        [one] { $platform } solo admite un hashtag. Quítalo antes, o cambia la plataforma en /settings.
       *[other] { $platform } solo admite { $limit } hashtags. Quita antes uno, o cambia la plataforma en /settings.
    }
full-characters =
    { $excess ->
        [one] Es un carácter más de los { $limit } que admite { $platform }.
       *[other] Son { $excess } caracteres más de los { $limit } que admite { $platform }.
    }

# Lo que ya no cabía: un hashtag escrito o traído se deja fuera, y se nombra.
left-tags =
    { $limit ->
        [one] { $platform } solo admite un hashtag, así que he dejado fuera { $tags }.
       *[other] { $platform } solo admite { $limit } hashtags, así que he dejado fuera { $tags }.
    }
left-characters = { $platform } solo admite { $limit } caracteres, así que he dejado fuera { $tags }.
left-any = En un texto solo caben { $limit } hashtags, así que he dejado fuera { $tags }.
left-more = { $tags } y { $more } más
