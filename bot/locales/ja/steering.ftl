# 候補の操作:文字で検索、意外な候補、最初から。

button-search = 🔍 検索…
button-surprise = 🎲 おまかせ
button-restart = 🧹 最初から
search-ask = どんな文字を含むハッシュタグですか?sun のように返信してください。
search-field = sun
search-found = 「{ $letters }」を含むハッシュタグ:
search-none = 「{ $letters }」を含むハッシュタグは知りません。自分のタグとして追加できます:
search-none-long = 「{ $letters }」を含むハッシュタグは知りません。# を付けて別のメッセージで送ると追加できます。
search-letters = ハッシュタグの文字をいくつか返信してください。
