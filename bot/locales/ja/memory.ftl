# チャットが覚えていること:過去のキャプション(/history)、保存したセット(/sets)、プライバシー。

history-entry =
    { $position } / { $total } · { $date }{ $photos ->
        [1] { "" }
       *[other] { " " }· 写真{ $photos }枚
    }
history-newer = ◀ 新しい
history-older = 古い ▶
history-send = 📋 もう一度送る
history-use = ➕ 写真に使う
history-empty = 完成したキャプションはまだありません。写真を送り、ハッシュタグを選んで「完了」をタップしてください。
history-gone = このキャプションはもうありません。

next-photo =
    開いている写真がありません。1時間以内に写真を送ると、次のタグから始まります:
    { $tags }
next-not = やめておく
next-used =
    写真は次のタグから始まりました:
    { $tags }
next-gone = 写真に使うはずだったタグはもうありません。
next-never = わかりました。次の写真は空の状態から始まります。
carry-added =
    { $count ->
        [0] 写真にはもう全部付いています。
       *[other] 写真にハッシュタグを{ $count }個追加しました。
    }

sets-list = 保存したハッシュタグのセットです。タップすると、使う・名前を変える・削除することができます。
sets-none =
    保存したセットはまだありません。

    写真のハッシュタグを選び、ここに名前を付けて保存すると、ほかの写真にも使えます。
sets-save = 💾 この写真のハッシュタグを保存
sets-use = ➕ 写真に使う
sets-rename = ✏️ 名前を変える
sets-delete = 🗑 削除
sets-back = ‹ すべてのセット
sets-really = セット「{ $name }」を削除しますか?
sets-yes = 🗑 削除する
sets-no = 残す
sets-gone = このセットはもうありません。
sets-deleted = 「{ $name }」を削除しました。
sets-ask-name = セットの名前は何にしますか?「海辺」のような名前を返信してください。
sets-ask-rename = 「{ $name }」を何という名前にしますか?新しい名前を返信してください。
sets-field = セットの名前
sets-name-too-long = 名前は1~{ $limit }文字です。
sets-name-taken = 「{ $name }」という名前のセットがもうあります。別の名前を返信してください。
sets-nothing = 保存するハッシュタグがありません。先に写真のハッシュタグを選んでください。
sets-full = 保存できるセットは{ $limit }個までです。先に1つ削除してください。
sets-saved = 💾 「{ $name }」として保存しました。
sets-replaced = 💾 「{ $name }」の中身をこのハッシュタグに替えました。
sets-renamed = ✏️ 名前を「{ $name }」に変えました。

menu-not-yours = これはほかの人のメニューです。同じコマンドで自分のメニューを開いてください。
menu-answered = この質問への回答はもう受け取りました。

privacy-what =
    このチャットについて保存するもの:選んだ・見送った・入力したハッシュタグ、キャプションの文章、保存したセットと設定、写真ごとの数値の特徴、そしてTelegramでの写真の参照先。
privacy-not =
    写真そのものは決して保存せず、だれにも渡しません。メッセージは返事をするまで受信箱で待ち、1日後にそこから削除されます。
privacy-days = { $days }日間使われなかったものは自動的に削除されます。
privacy-for-ever = それ以外は、あなたが削除するまで残ります。
privacy-page = このチャットページもメッセージを同じ期間、送られたファイルを{ $days }日間保存します。
privacy-do = /export ですべてをファイルとして受け取れます。/forget ですべてを削除できます。
privacy-admins = これはグループの管理者だけができます。
export-done = このチャットについて保存されているすべてです。説明は /privacy をご覧ください。
forget-really = このチャットについて知っていることをすべて削除しますか?キャプション、選択、セット、設定がすべて消え、元に戻せません。
forget-telegram = Telegram上のメッセージは残ります。チャットはご自身で削除できます。
forget-page = このチャットのメッセージと写真も削除されます。
forget-yes = 🗑 すべて削除
forget-no = 残す
forget-kept = 何も削除していません。
forget-done = すべて削除しました。写真を送ると、また最初から始まります。
