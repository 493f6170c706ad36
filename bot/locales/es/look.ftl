# Lo que el bot hace con las fotos: ¿por qué?, hashtags parecidos, álbumes, grupos, primer contacto.

button-why = 💡 ¿Por qué?
button-like = 🧲 Parecidos…
button-join = ➕ Añadir al texto de arriba
button-back = ‹ Volver

why-which = ¿Qué hashtag quieres que explique?
why-photo = { $tag }: lo que lo respalda está en la foto, sobre todo { $place }.
why-both = { $tag }: el { $photo } % de lo que lo respalda está en la foto, sobre todo { $place }; el { $tags } % viene de tus hashtags anteriores.
why-photo-alone = { $tag }: lo que lo respalda está en la foto, sobre todo { $place }; tus hashtags anteriores no lo respaldan.
why-tags-alone = { $tag }: lo respaldan tus hashtags anteriores, la foto no.
why-neither = { $tag }: ni la foto ni tus hashtags anteriores lo respaldan.
why-unknown = No conozco { $tag } de las fotos, así que no puedo mostrar de dónde viene.
why-none = { $tag } nunca viene de lo que muestra una foto, así que no hay nada que ver.
place-top-left = arriba a la izquierda
place-top = arriba
place-top-right = arriba a la derecha
place-left = a la izquierda
place-middle = en el centro
place-right = a la derecha
place-bottom-left = abajo a la izquierda
place-bottom = abajo
place-bottom-right = abajo a la derecha

# Las letras de la imagen: breves y sin emojis, que faltan en sus fuentes.
map-heading = De dónde viene { $tag }
map-photo = la foto
map-before = antes
map-after = después de { $tag }
map-from-photo = foto { $value }
map-from-tags = tus hashtags { $value }
map-against = en contra
map-for = a favor

like-which = ¿Parecidos a qué hashtag?
like-now = 🧲 Parecidos a { $tag }:
steers-as = { $tag } no es de los míos: para las sugerencias cuenta como { $relatives }.
steers-not = { $tag } es nuevo para mí: las sugerencias no lo tienen en cuenta.

join-none = El texto de arriba ya no está abierto.
join-full = No caben más de { $limit } fotos en un texto.

tag-how = Responde a una foto con /tag y te sugiero hashtags para ella.
tag-taken = Otra persona ya elige los hashtags de esta foto.
command-tag = Hashtags para la foto a la que respondes

button-example = 👀 Muéstrame un ejemplo
example = Un ejemplo: toca los hashtags que encajen, y Listo cuando te guste el texto.
inline-all = Todos juntos
inline-photo = 📷 Sugerir hashtags para una foto
card-description =
    Envíame una foto y te sugiero hashtags para ella.

    Con cada toque, las siguientes sugerencias siguen tu elección; al final recibes un texto para copiar. Nunca guardo tus fotos.
card-about = Hashtags para tus fotos, toque a toque.
