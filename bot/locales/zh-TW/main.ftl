# 對話:問候與說明、照片下方的面板、完成的文案、出了什麼問題。

hello =
    嗨!傳一張照片給我,我來推薦主題標籤。

    點選合適的標籤:每點一次,接下來的建議就會跟著你的選擇改變。完成後會得到一則可以複製的文案。

    /help 會說明還能做什麼。
help =
    傳一張照片,或以檔案傳送圖片(JPEG、PNG、WebP、HEIC)。

    • 點一個 #主題標籤 就會加入,點 ✓ 就會移除。
    • 「更多」顯示其他建議,「復原」回到上一步,「完成」給你可以複製的文案。
    • 輸入 #我家的狗 可加入自己的標籤;其他文字會放在標籤上方。
    • 同時開著好幾張照片時,請回覆你要的那一張;否則以最新的為準。
    • 「為什麼？」顯示標籤出自照片的哪裡;「類似的…」、「搜尋…」和「給我驚喜」會引導接下來的建議。
    • 一個相簿就是一則文案。在群組裡,請用 /tag 回覆照片。
    • /history 和 /sets 可再次使用先前的標籤,/settings 讓我配合你的平台和喜好。
    • /cancel 會擱置照片。
send-a-photo = 傳一張照片給我,我來推薦主題標籤。
unknown-command = 我不認得這個指令。/help 會說明我能做什麼。

no-video = 我看不了影片。請改傳照片給我。
no-animation = 我看不了 GIF。請改傳照片給我。
no-sticker = 貼圖真可愛!不過我只會替照片想標籤:傳一張給我吧。
no-voice = 我聽不到聲音。請改傳照片給我。
no-document = 我讀不了這種檔案。請傳照片,或以檔案傳送圖片。
no-other = 這個我沒辦法處理。請改傳照片給我。

command-start = 打招呼
command-help = 我能做什麼
command-history = 已完成的文案
command-sets = 儲存的標籤組
command-settings = 調整我的工作方式
command-cancel = 擱置開啟中的照片
command-privacy = 我儲存什麼、保存多久
command-export = 這個聊天儲存的所有內容
command-forget = 全部刪除

# 面板:有按鈕的訊息。
caption-empty = 點選合適的主題標籤,或輸入自己的:#我家的狗
caption-so-far = 目前的文案:
nothing-more = 這張照片我只想得到這些了。
finished = ✅ 完成。文案在下方。
finished-empty = 這段文案已經空了。點一下「編輯」即可繼續。
reopened = 這則文案在下方繼續。
cancelled = 這張照片已擱置。
button-more = 🔄 更多
button-undo = ↩️ 復原
button-done = ✅ 完成
button-edit = ✏️ 編輯
button-copy = 📋 複製
button-again = 🔁 再試一次

# 完成的文案。
copy-hint = 點一下文案即可複製。
copy-too-long = 超過 Telegram 照片下方可放的 { $limit } 個字元。

# 對點按與指令的簡短回答。
nothing-to-undo = 沒有可以復原的步驟。
no-tag-yet = 請先選一個主題標籤。
not-yours = 只有向我詢問這張照片的人可以在這裡選擇。
old-button = 這個按鈕已經失效。請再傳一次照片重新開始。
session-done = 這則文案已經完成。點「編輯」即可繼續。
words-after-done = 這則文案已經完成。點「編輯」即可繼續;如果是指別張照片,請回覆那張照片,或再傳一張新的。
session-cancelled = 這張照片已擱置。請再傳一次重新開始。
already-open = 已經開著了。
too-many-tags = 一則文案最多放 { $limit } 個主題標籤。
text-too-long = 你的文字比 { $platform } 的上限 { $limit } 個字元多了 { $excess } 個。請傳短一點的文字。
carry-none = 這則文案沒有主題標籤。
put-aside = 好的,照片已擱置。
nothing-to-cancel = 沒有開啟中的照片。傳一張給我吧。

# 出了什麼問題。
left-out = 有 { $count } 張照片略過了。{ $reason }
not-an-image = 我打不開這張圖片:檔案損壞,或是我不認得的格式。
too-many-pixels = 這張圖片的像素太多了。請以照片傳送,或縮小後再傳。
file-too-large = 這個檔案太大了:我最多能接收 { $limit } MB。請以照片傳送。
busy = 現在有很多照片在排隊。請在 { $seconds } 秒後再試。
engine-away = 目前連不上負責看照片的程式。請稍後再試。
not-fetched = 我無法從 Telegram 取得照片。請稍後再試。
photo-gone = 照片已經不在了。請再傳一次。
stopping = 我正在重新啟動。請稍後再試。
sorry = 抱歉,我這邊出了點問題。請再試一次。
