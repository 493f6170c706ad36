# 聊天記得的內容:過去的文案(/history)、儲存的標籤組(/sets)與隱私。

history-entry =
    第 { $position } 則,共 { $total } 則 · { $date }{ $photos ->
        [1] { "" }
       *[other] { " " }· { $photos } 張照片
    }
history-newer = ◀ 較新
history-older = 較舊 ▶
history-send = 📋 再傳一次
history-use = ➕ 用在照片上
history-empty = 還沒有完成的文案。傳一張照片給我,選好主題標籤再點「完成」。
history-gone = 這則文案已經不在了。

next-photo =
    目前沒有開啟的照片。一小時內傳一張給我,就會從這些標籤開始:
    { $tags }
next-not = 不用了
next-used =
    你的照片從這些標籤開始:
    { $tags }
next-gone = 原本要用在照片上的標籤已經不在了。
next-never = 好的,下一張照片會從空白開始。
carry-added =
    { $count ->
        [0] 這張照片已經有這些標籤了。
       *[other] 已為照片加上 { $count } 個主題標籤。
    }

sets-list = 你儲存的標籤組。點一組即可使用、重新命名或刪除。
sets-none =
    還沒有儲存的標籤組。

    為照片選好主題標籤,在這裡取名儲存,就能用在其他照片上。
sets-save = 💾 儲存這張照片的標籤
sets-use = ➕ 用在照片上
sets-rename = ✏️ 重新命名
sets-delete = 🗑 刪除
sets-back = ‹ 所有標籤組
sets-really = 要刪除標籤組「{ $name }」嗎?
sets-yes = 🗑 刪除
sets-no = 保留
sets-gone = 這個標籤組已經不在了。
sets-deleted = 已刪除「{ $name }」。
sets-ask-name = 這個標籤組要叫什麼?請回覆一個名稱,例如「海邊」。
sets-ask-rename = 「{ $name }」要改叫什麼?請回覆新名稱。
sets-field = 標籤組名稱
sets-name-too-long = 名稱長度為 1 到 { $limit } 個字元。
sets-name-taken = 已經有標籤組叫「{ $name }」了。請回覆別的名稱。
sets-nothing = 沒有可以儲存的標籤。請先為照片選一些。
sets-full = 最多只能儲存 { $limit } 組。請先刪除一組。
sets-saved = 💾 已儲存為「{ $name }」。
sets-replaced = 💾 「{ $name }」現在是這些標籤。
sets-renamed = ✏️ 現在叫「{ $name }」。

menu-not-yours = 這是別人的選單。請用同樣的指令開啟你自己的。
menu-answered = 這個問題我已經收到你的回答了。

privacy-what =
    我為這個聊天儲存:你選擇、略過或輸入的主題標籤、文案的文字、儲存的標籤組與設定、每張照片的數值特徵,以及 Telegram 上的照片代碼。
privacy-not =
    我絕不儲存照片本身,也不會傳給任何人。你的訊息會在收件匣等到我回覆;一天後就從那裡刪除。
privacy-days = { $days } 天沒有人使用的內容會自動刪除。
privacy-for-ever = 其餘內容會保留到你刪除為止。
privacy-page = 這個聊天頁面的訊息保留同樣的時間,傳送的檔案保留 { $days } 天。
privacy-do = /export 會把全部內容以檔案傳給你。/forget 會刪除全部內容。
privacy-admins = 只有這個群組的管理員可以這麼做。
export-done = 這個聊天儲存的所有內容。/privacy 有說明。
forget-really = 要刪除我對這個聊天所知的一切嗎?所有文案、選擇、標籤組與設定都會消失,而且無法復原。
forget-telegram = Telegram 上的訊息會留著;你可以自己刪除聊天。
forget-page = 這個聊天的訊息和照片也會一併刪除。
forget-yes = 🗑 全部刪除
forget-no = 保留
forget-kept = 沒有刪除任何內容。
forget-done = 已全部刪除。傳一張照片給我,我們就重新開始。
