# /settings 的選單,以及對文案的影響。

settings-private = 你的設定,即刻在這個聊天生效。
settings-group = 這個群組的設定,即刻生效。
settings-admins = 只有群組管理員可以更改設定。
settings-back = ‹ 所有設定

setting-platform = 發布平台
setting-platform-none = 不限
about-platform = 你要發布在哪裡?我會幫你計數,到上限就停。
platform-tags = { $platform } 最多 { $tags } 個主題標籤、{ $characters } 個字元({ $date })。
platform-characters = { $platform } 最多 { $characters } 個字元({ $date })。
setting-layout = 文案
setting-layout-line = 標籤排成一行
setting-layout-lines = 每行一個標籤
setting-layout-dots = 標籤放在圓點下方
about-layout = 主題標籤要怎麼排在文字下方?
setting-order = 順序
setting-order-chosen = 依選擇順序
setting-order-broad = 廣泛 → 具體
about-order = 主題標籤要依什麼順序排列?
setting-buttons = 每次建議數
about-buttons = 每次要建議幾個主題標籤?
setting-columns = 欄數
about-columns = 一排要放幾個?越少越能看完長的標籤。
setting-leaning = 標籤風格
setting-leaning-common = 更常見得多
setting-leaning-rather-common = 較常見
setting-leaning-usual = 平衡
setting-leaning-rather-specific = 較具體
setting-leaning-specific = 更具體得多
about-leaning = 像 #food 這樣的常見標籤很多人搜尋,像 #espresso 這樣的具體標籤更顯眼。
setting-promotional = 宣傳用標籤
now-promotional-on = 現在也會建議宣傳或求追蹤的標籤,例如 #followme。
now-promotional-off = 不再建議只為宣傳或求追蹤的標籤。
setting-taste = 從我的選擇學習
now-taste-on = 你常選的標籤現在會排在前面,常移除的排在後面。
now-taste-off = 你之前的選擇不再影響建議。
setting-forget-taste = 🧽 忘記學到的偏好
taste-forgotten = 已忘記。我會從你接下來的選擇重新學起。
setting-local_tags = 同時加上我的語言的標籤
now-local_tags-on = 現在會一併加上我知道的中文標籤,例如 #dog #狗。
now-local_tags-off = 文案裡現在只有你選的標籤。
setting-everyone = 所有人都能選
now-everyone-on = 現在這個群組的所有人都能為任何照片選標籤。
now-everyone-off = 現在只有傳照片或向我詢問的人能選標籤。
setting-language = 語言
setting-language-none = 與 Telegram 相同
about-language = 要我說哪種語言?

setting-blocked =
    { $count ->
        [0] 🚫 封鎖的標籤:無
       *[other] 🚫 封鎖的標籤:{ $count } 個
    }
blocked-list =
    { $count ->
        [0] 沒有封鎖任何標籤。
       *[other] { $count } 個標籤永遠不會被建議。點一下即可解除。
    }
blocked-more = ➕ 封鎖標籤
blocked-ask = 哪些標籤永遠不要建議?請回覆一個或多個,例如 #love #happy。
blocked-field = #love #happy
left-blocked = 最多只能封鎖 { $limit } 個標籤,所以沒有加入 { $tags }。

# 所選平台的上限。
count-tags = { $platform }:標籤 { $used } / { $limit }
count-characters = { $platform }:字元 { $used } / { $limit }
full-tags = { $platform } 最多只能放 { $limit } 個主題標籤。請先移除一個,或在 /settings 更換平台。
full-characters = 比 { $platform } 的上限 { $limit } 個字元多了 { $excess } 個。

# 放不下的部分:輸入或帶入的標籤不加入,並列出名稱。
left-tags = { $platform } 最多只能放 { $limit } 個主題標籤,所以沒有加入 { $tags }。
left-characters = { $platform } 最多只能放 { $limit } 個字元,所以沒有加入 { $tags }。
left-any = 一則文案最多放 { $limit } 個主題標籤,所以沒有加入 { $tags }。
left-more = { $tags } 等(另有 { $more } 個)
