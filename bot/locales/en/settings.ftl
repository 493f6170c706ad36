# The menu of /settings, and what follows from it in captions.

settings-private = Your settings. They hold for this chat from now on.
settings-group = The settings of this group. They hold from now on.
settings-admins = Only an administrator of this group can change its settings.
settings-back = ‹ All settings

setting-platform = Platform
setting-platform-none = any
about-platform = Where do you post? I then count with you and stop where its limit is.
platform-tags = { $platform } takes up to { $tags } hashtags and { $characters } characters ({ $date }).
platform-characters = { $platform } takes up to { $characters } characters ({ $date }).
setting-layout = Caption
setting-layout-line = all hashtags on one line
setting-layout-lines = one hashtag a line
setting-layout-dots = hashtags below dots
about-layout = How should the hashtags stand below your text?
setting-order = Order
setting-order-chosen = as chosen
setting-order-broad = broad → specific
about-order = In which order should the hashtags stand?
setting-buttons = Suggestions at a time
about-buttons = How many hashtags should I suggest at a time?
setting-columns = Columns
about-columns = How many should stand side by side? Fewer leave room for longer ones.
setting-leaning = Style of hashtags
setting-leaning-common = much more common ones
setting-leaning-rather-common = more common ones
setting-leaning-usual = balanced
setting-leaning-rather-specific = more specific ones
setting-leaning-specific = much more specific ones
about-leaning = Common hashtags like #food are searched by many, specific ones like #espresso stand out more.
setting-promotional = Promotional hashtags
now-promotional-on = I now also suggest hashtags that advertise or ask for followers, like #followme.
now-promotional-off = I no longer suggest hashtags that only advertise or ask for followers.
setting-taste = Learn from my choices
now-taste-on = What you often choose now moves up among my suggestions; what you take out moves down.
now-taste-off = Your earlier choices no longer change my suggestions.
setting-forget-taste = 🧽 Forget what was learned
taste-forgotten = Forgotten. I learn anew from your next choices.
setting-local_tags = Add the tag in my language
now-local_tags-on = Where I know it, each hashtag is now followed by its form in your language.
now-local_tags-off = Only the hashtags that you choose stand in the caption now.
setting-everyone = Everybody may choose
now-everyone-on = Everybody in this group can now choose the hashtags for every photo.
now-everyone-off = Now only the person who sent a photo, or asked me about it, can choose for it.
setting-language = Language
setting-language-none = as in Telegram
about-language = Which language should I speak?

setting-blocked =
    { $count ->
        [0] 🚫 Blocked hashtags: none
       *[other] 🚫 Blocked hashtags: { $count }
    }
blocked-list =
    { $count ->
        [0] No hashtag is blocked.
        [one] One hashtag is never suggested. Tap it to allow it again.
       *[other] { $count } hashtags are never suggested. Tap one to allow it again.
    }
blocked-more = ➕ Block hashtags
blocked-ask = Which hashtags should I never suggest? Reply with one or more, like #love #happy.
blocked-field = #love #happy
left-blocked = Only { $limit } hashtags can be blocked, so I left out { $tags }.

# Limits of the chosen platform.
count-tags = { $used } of { $limit } hashtags for { $platform }
count-characters = { $used } of { $limit } characters for { $platform }
full-tags =
    { $limit ->
        [one] { $platform } takes only one hashtag. Take it out first, or change the platform in /settings.
       *[other] { $platform } takes only { $limit } hashtags. Take one out first, or change the platform in /settings.
    }
full-characters =
    { $excess ->
        [one] This is one character more than the { $limit } that { $platform } takes.
       *[other] This is { $excess } characters more than the { $limit } that { $platform } takes.
    }

# What did not fit any more: a tag that is typed or comes along is left out, and named.
left-tags =
    { $limit ->
        [one] { $platform } takes only one hashtag, so I left out { $tags }.
       *[other] { $platform } takes only { $limit } hashtags, so I left out { $tags }.
    }
left-characters = { $platform } takes only { $limit } characters, so I left out { $tags }.
left-any = A caption takes only { $limit } hashtags, so I left out { $tags }.
left-more = { $tags } and { $more } more
