# Lo que un chat recuerda: textos anteriores (/history), grupos guardados (/sets) y privacidad.

history-entry =
    { $position } de { $total } · { $date }{ $photos ->
        [one] { "" }
       *[other] { " " }· { $photos } fotos
    }
history-newer = ◀ Más nuevo
history-older = Más antiguo ▶
history-send = 📋 Enviar otra vez
history-use = ➕ Usar en una foto
history-empty = Aún no hay ningún texto terminado. Envíame una foto, elige hashtags y toca Listo.
history-gone = Este texto ya no existe.

next-photo =
    No hay ninguna foto abierta. Envíame una en la próxima hora y empezará con:
    { $tags }
next-not = Mejor no
next-used =
    Tu foto empezó con:
    { $tags }
next-gone = Lo que tu foto iba a llevar ya no existe.
next-never = De acuerdo, la próxima foto empieza vacía.
carry-added =
    { $count ->
        [0] La foto ya los tiene todos.
        [one] He añadido un hashtag a tu foto.
       *[other] He añadido { $count } hashtags a tu foto.
    }

sets-list = Tus grupos de hashtags guardados. Toca uno para usarlo, renombrarlo o borrarlo.
sets-none =
    Aún no hay ningún grupo de hashtags guardado.

    Elige hashtags para una foto y guárdalos aquí con un nombre, para usarlos en otras fotos.
sets-save = 💾 Guardar los hashtags de esta foto
sets-use = ➕ Usar en una foto
sets-rename = ✏️ Renombrar
sets-delete = 🗑 Borrar
sets-back = ‹ Todos los grupos
sets-really = ¿Borrar el grupo «{ $name }»?
sets-yes = 🗑 Borrar
sets-no = Conservar
sets-gone = Este grupo ya no existe.
sets-deleted = «{ $name }» está borrado.
sets-ask-name = ¿Cómo se llamará el grupo? Responde con un nombre, por ejemplo Playa.
sets-ask-rename = ¿Cómo se llamará «{ $name }»? Responde con el nombre nuevo.
sets-field = Nombre del grupo
sets-name-too-long = Un nombre tiene de 1 a { $limit } caracteres.
sets-name-taken = Otro grupo ya se llama «{ $name }». Responde con un nombre distinto.
sets-nothing = No hay hashtags que guardar. Elige antes alguno para una foto.
sets-full = No puedo guardar más de { $limit } grupos. Borra antes uno.
sets-saved = 💾 Guardado como «{ $name }».
sets-replaced = 💾 «{ $name }» contiene ahora estos hashtags.
sets-renamed = ✏️ Ahora se llama «{ $name }».

menu-not-yours = Este menú es de otra persona. Abre el tuyo con el mismo comando.
menu-answered = Ya tengo tu respuesta a esto.

privacy-what =
    Lo que guardo de este chat: qué hashtags elegiste, dejaste pasar o escribiste, las palabras de tus textos, tus grupos y ajustes, una huella numérica de cada foto y la referencia de Telegram a ella.
privacy-not =
    Nunca guardo las fotos mismas, y nada se envía a nadie más. Tus mensajes esperan en un buzón hasta que los contesto; un día después se borran de allí.
privacy-days =
    { $days ->
        [one] Lo que nadie usa durante un día se borra solo.
       *[other] Lo que nadie usa durante { $days } días se borra solo.
    }
privacy-for-ever = El resto se queda hasta que lo borres.
privacy-page =
    { $days ->
        [one] Esta página guarda sus mensajes el mismo tiempo y los archivos enviados un día.
       *[other] Esta página guarda sus mensajes el mismo tiempo y los archivos enviados { $days } días.
    }
privacy-do = /export te lo envía todo como archivo. /forget lo borra todo.
privacy-admins = Eso solo puede hacerlo un administrador de este grupo.
export-done = Todo lo que está guardado de este chat. /privacy lo explica.
forget-really = ¿Borrar todo lo que sé de este chat: textos, elecciones, grupos y ajustes? No se puede deshacer.
forget-telegram = Los mensajes en Telegram se quedan; el chat puedes borrarlo tú.
forget-page = También se borran los mensajes y las fotos de este chat.
forget-yes = 🗑 Borrarlo todo
forget-no = Conservar
forget-kept = No se ha borrado nada.
forget-done = Todo está borrado. Si me envías una foto, empezamos de nuevo.
