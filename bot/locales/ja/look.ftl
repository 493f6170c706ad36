# 写真からわかること：なぜ？、似たハッシュタグ、アルバム、グループ、はじめての人へ。

button-why = 💡 なぜ？
button-like = 🧲 似たもの…
button-join = ➕ 上のキャプションに追加
button-back = ‹ 戻る

why-which = どのハッシュタグを説明しましょうか？
why-photo = { $tag }：写真の中、特に{ $place }に根拠があります。
why-both = { $tag }：根拠の { $photo } % は写真の中、特に{ $place }に、{ $tags } % はその前に選んだハッシュタグにあります。
why-photo-alone = { $tag }：根拠は写真の中、特に{ $place }にあります。その前に選んだハッシュタグにはありません。
why-tags-alone = { $tag }：その前に選んだハッシュタグに根拠があり、写真にはありません。
why-neither = { $tag }：写真にも、その前に選んだハッシュタグにも根拠はありません。
why-unknown = { $tag } は写真から学んでいないので、どこから来たかを示せません。
why-none = { $tag } は写真に写るものから出ることがないので、お見せするものがありません。
place-top-left = 左上
place-top = 上
place-top-right = 右上
place-left = 左
place-middle = 中央
place-right = 右
place-bottom-left = 左下
place-bottom = 下
place-bottom-right = 右下

# 画像の中の文字。短く、フォントにない絵文字は使わない。
map-heading = { $tag } の根拠
map-photo = 写真
map-before = 選ぶ前
map-after = { $tag } の後
map-from-photo = 写真 { $value }
map-from-tags = 選んだタグ { $value }
map-against = 合わない
map-for = 合う

like-which = どのハッシュタグに似たものにしますか？
like-now = 🧲 { $tag } に似たもの：
steers-as = { $tag } は語彙にないので、提案では { $relatives } として扱います。
steers-not = { $tag } は知らない言葉なので、提案には影響しません。

join-none = 上のキャプションはもう開いていません。
join-full = 1 つのキャプションに入る写真は { $limit } 枚までです。

tag-how = 写真に /tag と返信すると、ハッシュタグを提案します。
tag-taken = この写真のハッシュタグはほかの人が選んでいます。
command-tag = 返信先の写真のハッシュタグを提案

button-example = 👀 例を見る
example = 例です。合うハッシュタグをタップし、よければ「完了」を押してください。
inline-all = まとめて
inline-photo = 📷 写真のハッシュタグを提案
card-description =
    写真を送ると、ハッシュタグを提案します。

    タップするたびに次の提案が変わり、最後にコピーできるキャプションをお渡しします。写真は保存しません。
card-about = 写真のハッシュタグを、タップするだけで。
