//! Words of products, pages and companies: a capitalised text with one of them is no person's name.

/// True for a common word, in any case.
pub(crate) fn is_common(word: impl AsRef<[u8]>) -> bool {
    let word = word.as_ref();
    let length = word.iter().rposition(|own| !matches!(own, b'.' | b',' | b':')).map_or(0, |last| last + 1);
    let mut lower = [0_u8; LONGEST];
    let Some((place, word)) = lower.get_mut(..length).zip(word.get(..length)) else { return false };
    place.copy_from_slice(word);
    place.make_ascii_lowercase();
    let first = place.first().copied().unwrap_or_default();
    let (from, to) = INITIALS.get(usize::from(first.wrapping_sub(b'a'))).copied().unwrap_or_default();
    let alike = WORDS.get(usize::from(from)..usize::from(to)).unwrap_or_default();
    alike.binary_search_by(|own| own.as_bytes().cmp(place)).is_ok()
}

/// The length of the longest word.
const LONGEST: usize = 16;

/// Where the words with each letter begin and end.
static INITIALS: [(u16, u16); 26] = {
    let mut table = [(0, 0); 26];
    let mut at = 0;
    #[allow(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "a constant list is read at compile time"
    )]
    while at < WORDS.len() {
        let letter = (WORDS[at].as_bytes()[0] - b'a') as usize;
        if table[letter].1 == 0 {
            table[letter].0 = at as u16;
        }
        at += 1;
        table[letter].1 = at as u16;
    }
    table
};

/// Sorted.
#[rustfmt::skip]
static WORDS: &[&str] = &[
    "abo", "abonnement", "about", "accept", "access", "account", "accounts", "accueil", "action", "active", "activity",
    "ad", "add", "addon", "admin", "advanced", "after", "agency", "agent", "all", "analysis", "analytics", "and",
    "android", "annual", "anonymous", "api", "app", "apple", "application", "apply", "apps", "archive", "article",
    "assistant", "audio", "auto", "automatic", "autumn", "available", "backup", "bank", "banner", "basic", "basket",
    "bed", "berlin", "bestelling", "bestellung", "bestseller", "beta", "bill", "billing", "biometric", "black", "blog",
    "blue", "board", "book", "booking", "bookmark", "box", "brand", "brown", "browse", "browser", "build", "bundle",
    "buscar", "business", "button", "buy", "calendar", "call", "campaign", "cancel", "cancelled", "card", "carrello",
    "carrito", "cart", "case", "category", "center", "centre", "cerca", "change", "channel", "chart", "chat", "check",
    "checkout", "choose", "christmas", "chrome", "city", "class", "clear", "click", "client", "close", "cloud", "co",
    "code", "collection", "college", "color", "commande", "comment", "community", "company", "complete", "completed",
    "compte", "confirm", "connect", "contact", "content", "continue", "control", "cookie", "cookies", "copy", "corp",
    "country", "coupon", "course", "cover", "create", "credentials", "credit", "cuenta", "custom", "customer",
    "customize", "cyber", "cycle", "daily", "dark", "dashboard", "data", "database", "day", "days", "deal", "deals",
    "default", "delete", "delivery", "demo", "design", "desktop", "detail", "details", "developer", "device", "dialog",
    "digital", "direct", "disabled", "discount", "display", "docs", "document", "documentation", "documents", "domain",
    "done", "down", "download", "draft", "drop", "dropdown", "dutch", "early", "east", "edit", "edition", "editor",
    "email", "end", "engine", "english", "enterprise", "error", "event", "events", "example", "exit", "expert",
    "export", "express", "extension", "external", "extra", "facebook", "failed", "fall", "family", "faq", "favorites",
    "feature", "featured", "features", "feed", "feedback", "field", "file", "files", "filter", "filters", "find",
    "fingerprint", "firefox", "first", "flow", "folder", "follow", "footer", "for", "form", "free", "french", "friday",
    "friendly", "from", "full", "galaxy", "game", "general", "german", "get", "gift", "global", "gmbh", "go", "gold",
    "google", "gray", "green", "grey", "grid", "group", "groups", "guest", "guide", "half", "header", "headline",
    "health", "help", "hero", "hide", "high", "history", "holiday", "home", "homepage", "hospital", "hotel", "hour",
    "hours", "house", "how", "icon", "image", "images", "import", "inbox", "inc", "index", "individual", "info",
    "information", "inicio", "input", "insights", "instagram", "install", "insurance", "integration", "internal",
    "international", "invite", "invoice", "invoices", "ipad", "iphone", "italian", "item", "items", "jahr", "january",
    "job", "jobs", "join", "kaufen", "key", "keyword", "kit", "konto", "koszyk", "label", "landing", "language",
    "large", "last", "later", "latest", "launch", "layout", "lead", "learn", "left", "legal", "level", "library",
    "license", "light", "limited", "line", "link", "linkedin", "linux", "list", "lite", "live", "llc", "load", "local",
    "location", "log", "login", "logo", "logout", "london", "loyalty", "ltd", "macos", "mail", "main", "manage",
    "manager", "map", "mark", "market", "marketing", "medium", "mega", "member", "membership", "menu", "message",
    "messages", "microsoft", "mini", "mobile", "modal", "mode", "model", "module", "monat", "monday", "month",
    "monthly", "more", "museum", "my", "name", "navigation", "network", "new", "news", "newsletter", "next", "night",
    "no", "north", "note", "notes", "notification", "notifications", "number", "offer", "offers", "office", "ok",
    "old", "on", "onboarding", "one", "online", "only", "open", "option", "options", "or", "orange", "order", "orders",
    "ordine", "organisation", "organization", "out", "overview", "page", "pages", "panel", "panier", "paper", "paris",
    "passkey", "password", "passwordless", "path", "pay", "payment", "payments", "pedido", "pending", "personal",
    "phone", "photo", "photos", "pink", "pixel", "plan", "plans", "play", "plus", "point", "points", "policy",
    "polish", "pop", "popular", "popup", "portal", "portfolio", "post", "posts", "premium", "preview", "previous",
    "price", "prices", "pricing", "print", "privacy", "pro", "prodotto", "product", "production", "producto",
    "products", "produit", "produkt", "professional", "profile", "program", "project", "projects", "promo",
    "promotion", "property", "proposal", "provider", "public", "publish", "purchase", "purple", "quality", "quarter",
    "question", "questions", "quick", "quote", "rate", "read", "recent", "recherche", "rechnung", "recommended", "red",
    "redirect", "refresh", "refund", "register", "registration", "release", "remove", "renew", "report", "reports",
    "request", "reset", "resource", "resources", "response", "restaurant", "result", "results", "retail", "return",
    "returning", "review", "reviews", "reward", "rewards", "right", "road", "role", "room", "row", "safari", "sale",
    "sales", "save", "scan", "schedule", "school", "screen", "script", "search", "season", "section", "security",
    "see", "seite", "select", "send", "server", "service", "services", "session", "set", "settings", "setup", "share",
    "shipping", "shop", "shopping", "show", "sidebar", "sign", "signin", "signup", "silver", "simple", "single",
    "site", "size", "sklep", "slide", "small", "smart", "social", "software", "solution", "solutions", "south",
    "space", "spanish", "special", "sport", "spring", "standard", "start", "starter", "startup", "state", "status",
    "step", "stop", "storage", "store", "story", "street", "studio", "style", "submit", "subscribe", "subscription",
    "success", "successful", "suche", "suite", "summary", "summer", "sunday", "super", "support", "survey", "sync",
    "system", "tab", "table", "tag", "task", "tasks", "team", "teams", "telegram", "template", "templates", "terms",
    "test", "text", "thank", "thanks", "the", "theme", "three", "time", "title", "to", "today", "toggle", "tool",
    "tools", "top", "total", "tour", "track", "tracking", "training", "travel", "trending", "trial", "tutorial", "two",
    "type", "ultimate", "unavailable", "unit", "university", "unlimited", "unlock", "up", "update", "upgrade",
    "upgraded", "upload", "usage", "use", "user", "users", "v1", "v2", "value", "variant", "verified", "verify",
    "version", "video", "videos", "view", "visit", "voucher", "wait", "wallet", "warenkorb", "watch", "web", "webinar",
    "website", "week", "weekly", "welcome", "west", "whatsapp", "white", "widget", "windows", "winkelwagen", "winter",
    "wish", "wishlist", "with", "wizard", "work", "workflow", "workshop", "workspace", "world", "xl", "xxl", "year",
    "yearly", "yellow", "yes", "york", "you", "your", "zoeken", "zone",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted() {
        assert!(WORDS.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(WORDS.iter().all(|own| own.len() <= LONGEST));
    }

    #[test]
    fn common_words_are_known_in_any_case() {
        assert!(is_common("Pro") && is_common("MONTHLY") && is_common("Checkout"));
        assert!(!is_common("Lovelace") && !is_common("Mullen"));
    }
}
