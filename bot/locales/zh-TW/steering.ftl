# 引導:以字母搜尋、較少見的建議、重新開始。

button-search = 🔍 搜尋…
button-surprise = 🎲 給我驚喜
button-restart = 🧹 重新開始
search-ask = 標籤要包含哪些字母?請回覆幾個,例如 sun。
search-field = sun
search-found = 包含「{ $letters }」的標籤:
search-none = 我不認得包含「{ $letters }」的標籤。可以加為自己的標籤:
search-none-long = 我不認得包含「{ $letters }」的標籤。把它加上 # 另外傳一則訊息,就能加入。
search-letters = 請回覆標籤中的幾個字母。
