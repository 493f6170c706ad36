# 機器人從照片看到什麼：為什麼、類似的標籤、相簿、群組、初次見面。

button-why = 💡 為什麼？
button-like = 🧲 類似的…
button-join = ➕ 加入上面的說明文字
button-back = ‹ 返回

why-which = 要我解釋哪個標籤？
why-photo = { $tag }：依據在照片裡，尤其是{ $place }。
why-both = { $tag }：依據有 { $photo } % 在照片裡，尤其是{ $place }；{ $tags } % 來自你在它之前選的標籤。
why-photo-alone = { $tag }：依據在照片裡，尤其是{ $place }；你在它之前選的標籤並不支持它。
why-tags-alone = { $tag }：依據來自你在它之前選的標籤，而不是照片。
why-neither = { $tag }：照片和你在它之前選的標籤都不支持它。
why-unknown = 我沒有從照片學過 { $tag }，所以無法顯示它從哪裡來。
why-none = { $tag } 從來不是由照片內容得出的，所以沒有東西可看。
place-top-left = 左上方
place-top = 上方
place-top-right = 右上方
place-left = 左側
place-middle = 中間
place-right = 右側
place-bottom-left = 左下方
place-bottom = 下方
place-bottom-right = 右下方

# 圖片上的文字：簡短，不用表情符號（字型沒有）。
map-heading = { $tag } 從哪裡來
map-photo = 照片
map-before = 選擇之前
map-after = 選了 { $tag } 之後
map-from-photo = 照片 { $value }
map-from-tags = 你的標籤 { $value }
map-against = 不支持
map-for = 支持

like-which = 要類似哪個標籤的？
like-now = 🧲 類似 { $tag } 的標籤：
steers-as = { $tag } 不在我的詞彙裡：建議時當作 { $relatives }。
steers-not = 我不認識 { $tag }：建議不會隨它改變。

join-none = 上面的說明文字已經不是開啟狀態。
join-full = 一則說明文字最多放 { $limit } 張照片。

tag-how = 用 /tag 回覆一張照片，我就為它建議標籤。
tag-taken = 這張照片的標籤正由別人選擇。
command-tag = 為你回覆的照片建議標籤

button-example = 👀 看個例子
example = 這是例子：點選合適的標籤，滿意後按「完成」。
inline-all = 全部一起
inline-photo = 📷 為照片建議標籤
card-description =
    傳一張照片給我，我就為它建議標籤。

    每點一下，接下來的建議就會跟著你的選擇；最後你會得到一則可以複製的說明文字。我從不儲存你的照片。
card-about = 一點一點，為你的照片加上標籤。
