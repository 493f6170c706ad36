# La conversación: saludo y ayuda, el panel bajo una foto, el texto terminado, lo que salió mal.

hello =
    ¡Hola! Envíame una foto y te sugiero hashtags para ella.

    Toca los que encajen: con cada toque, las siguientes sugerencias siguen tu elección. Al terminar recibes un texto para copiar.

    /help dice qué más se puede hacer.
help =
    Envía una foto, o una imagen como archivo (JPEG, PNG, WebP, HEIC).

    • Toca un #hashtag para añadirlo; toca ✓ para quitarlo.
    • Más muestra otras sugerencias, Deshacer vuelve un paso atrás y Listo te da el texto para copiar.
    • Escribe #nuestroperro para añadir tus propios hashtags, o cualquier texto para ponerlo encima.
    • Con varias fotos abiertas, responde a la que quieras; si no, cuenta la última.
    • ¿Por qué? muestra de qué parte de la foto sale un hashtag; Parecidos…, Buscar… y Sorpréndeme dirigen lo que viene después.
    • Un álbum es un solo texto. En un grupo, responde a una foto con /tag.
    • /history y /sets vuelven a usar hashtags anteriores; /settings me adapta a tu plataforma y a tus gustos.
    • /cancel deja una foto a un lado.
send-a-photo = Envíame una foto y te sugiero hashtags para ella.
unknown-command = No conozco ese comando. /help dice lo que sé hacer.

no-video = No puedo ver vídeos. Envíame mejor una foto.
no-animation = No puedo ver GIF. Envíame mejor una foto.
no-sticker = ¡Bonito sticker! Solo sé hashtags para fotos: envíame una.
no-voice = No puedo escuchar. Envíame mejor una foto.
no-document = No puedo leer este tipo de archivo. Envíame una foto, o una imagen como archivo.
no-other = Con esto no puedo hacer nada. Envíame mejor una foto.

command-start = Saludar
command-help = Lo que sé hacer
command-history = Textos que terminamos juntos
command-sets = Grupos de hashtags guardados
command-settings = Cómo debo trabajar para ti
command-cancel = Dejar a un lado la foto abierta
command-privacy = Qué guardo y por cuánto tiempo
command-export = Todo lo guardado sobre este chat
command-forget = Borrarlo todo

# El panel: el mensaje con los botones.
caption-empty = Toca los hashtags que encajen, o escribe los tuyos: #nuestroperro
caption-so-far = Tu texto hasta ahora:
nothing-more = No se me ocurre nada más para esta foto.
finished = ✅ Listo. Tu texto está abajo.
finished-empty = No queda nada de este texto. Toca «Editar» para seguir.
reopened = Este texto sigue abajo.
cancelled = Esta foto quedó a un lado.
button-more = 🔄 Más
button-undo = ↩️ Deshacer
button-done = ✅ Listo
button-edit = ✏️ Editar
button-copy = 📋 Copiar
button-again = 🔁 Reintentar

# El texto terminado.
copy-hint = Toca el texto para copiarlo.
copy-too-long = Es más largo que los { $limit } caracteres que caben bajo una foto en Telegram.

# Respuestas cortas a toques y comandos.
nothing-to-undo = No hay nada que deshacer.
no-tag-yet = Elige antes un hashtag.
not-yours = Aquí solo puede elegir quien me preguntó por esta foto.
old-button = Este botón ya no funciona. Envía la foto otra vez para empezar de nuevo.
session-done = Este texto está terminado. Toca Editar para seguir.
words-after-done = Este texto está terminado. Toca Editar para seguir con él, responde a la foto a la que te refieres o envíame otra.
session-cancelled = Esta foto quedó a un lado. Envíala otra vez para empezar de nuevo.
already-open = Ya está abierta.
too-many-tags = En un texto no caben más de { $limit } hashtags.
text-too-long =
    { $excess ->
        [one] Lo que escribiste tiene un carácter más de los { $limit } que admite { $platform }. Envía algo más corto.
       *[other] Lo que escribiste tiene { $excess } caracteres más de los { $limit } que admite { $platform }. Envía algo más corto.
    }
carry-none = Este texto no tiene hashtags.
put-aside = De acuerdo, dejo la foto a un lado.
nothing-to-cancel = No hay ninguna foto abierta. Envíame una.

# Lo que salió mal.
left-out =
    { $count ->
        [one] Una de estas fotos queda fuera. { $reason }
       *[other] { $count } de estas fotos quedan fuera. { $reason }
    }
not-an-image = No puedo abrir esta imagen: el archivo está dañado o es de un tipo que no conozco.
too-many-pixels = Esta imagen tiene demasiados píxeles para mí. Envíala como foto o hazla más pequeña.
file-too-large = Este archivo es demasiado grande: puedo recibir hasta { $limit } MB. Envíalo como foto.
busy = Ahora mismo hay muchas fotos en espera. Inténtalo de nuevo en { $seconds } s.
engine-away = Ahora mismo no puedo conectar con lo que mira tus fotos. Inténtalo de nuevo en un momento.
not-fetched = No pude obtener la foto de Telegram. Inténtalo de nuevo en un momento.
photo-gone = La foto ya no está. Envíala otra vez, por favor.
stopping = Me estoy reiniciando. Inténtalo de nuevo en un momento.
sorry = Perdona, algo me salió mal. Inténtalo una vez más, por favor.
