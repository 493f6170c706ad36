# /settings のメニューと、キャプションに及ぶこと。

settings-private = あなたの設定です。このチャットですぐに有効になります。
settings-group = このグループの設定です。すぐに有効になります。
settings-admins = 設定を変えられるのはグループの管理者だけです。
settings-back = ‹ すべての設定

setting-platform = 投稿先
setting-platform-none = 指定なし
about-platform = どこに投稿しますか?残りを一緒に数え、上限で止めます。
platform-tags = { $platform }に入るのはハッシュタグ{ $tags }個、{ $characters }文字までです({ $date })。
platform-characters = { $platform }に入るのは{ $characters }文字までです({ $date })。
setting-layout = キャプション
setting-layout-line = タグを1行にまとめる
setting-layout-lines = 1行に1タグ
setting-layout-dots = 点の下にタグ
about-layout = 文章の下にハッシュタグをどう並べますか?
setting-order = 順番
setting-order-chosen = 選んだ順
setting-order-broad = 広い → 細かい
about-order = ハッシュタグをどの順に並べますか?
setting-buttons = 一度に出す候補
about-buttons = 一度にいくつのハッシュタグを提案しますか?
setting-columns = 列の数
about-columns = 横にいくつ並べますか?少ないほど長いタグが読めます。
setting-leaning = タグの傾向
setting-leaning-common = とても一般的
setting-leaning-rather-common = やや一般的
setting-leaning-usual = 標準
setting-leaning-rather-specific = やや具体的
setting-leaning-specific = とても具体的
about-leaning = #food のような一般的なタグは多くの人が検索し、#espresso のような具体的なタグは目立ちます。
setting-promotional = 宣伝用タグ
now-promotional-on = #followme のような、宣伝やフォロワー集めのタグも提案します。
now-promotional-off = 宣伝やフォロワー集めだけのタグは、もう提案しません。
setting-taste = 選んだタグから学ぶ
now-taste-on = よく選ぶタグを前に、外すことの多いタグを後ろに出します。
now-taste-off = これまでの選択は、もう候補に影響しません。
setting-forget-taste = 🧽 学んだことを忘れる
taste-forgotten = 忘れました。これからの選択で学び直します。
setting-local_tags = 自分の言語のタグも追加
now-local_tags-on = #dog と #犬 のように、日本語がわかるタグには日本語も添えます。
now-local_tags-off = キャプションに入るのは、選んだタグだけになりました。
setting-everyone = 全員が選べる
now-everyone-on = このグループの全員が、どの写真のタグも選べるようになりました。
now-everyone-off = タグを選べるのは、写真を送った人か、その写真について頼んだ人だけになりました。
setting-language = 言語
setting-language-none = Telegramと同じ
about-language = どの言語で話しますか?

setting-blocked =
    { $count ->
        [0] 🚫 ブロックしたタグ:なし
       *[other] 🚫 ブロックしたタグ:{ $count }個
    }
blocked-list =
    { $count ->
        [0] ブロックしたハッシュタグはありません。
       *[other] { $count }個のハッシュタグは提案されません。タップすると元に戻せます。
    }
blocked-more = ➕ タグをブロック
blocked-ask = 提案しないハッシュタグはどれですか?#love #happy のように返信してください。
blocked-field = #love #happy
left-blocked = ブロックできるハッシュタグは{ $limit }個だけなので、{ $tags } は入れませんでした。

# 選んだ投稿先の上限。
count-tags = { $platform }:ハッシュタグ { $used } / { $limit }
count-characters = { $platform }:文字数 { $used } / { $limit }
full-tags = { $platform }に入るハッシュタグは{ $limit }個だけです。先に1つ外すか、/settings で投稿先を変えてください。
full-characters = { $platform }の上限{ $limit }文字を{ $excess }文字超えています。

# 入りきらなかったもの:入力された、または引き継がれたタグは外し、その名前を伝えます。
left-tags = { $platform }に入るハッシュタグは{ $limit }個だけなので、{ $tags } は入れませんでした。
left-characters = { $platform }に入るのは{ $limit }文字だけなので、{ $tags } は入れませんでした。
left-any = キャプションに入るハッシュタグは{ $limit }個だけなので、{ $tags } は入れませんでした。
left-more = { $tags } ほか{ $more }個
