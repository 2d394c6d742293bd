//! The tables as the frameworks make them.

/// The tables as the frameworks make them, by framework; the first words are PostgreSQL's.
pub(crate) const TABLES: &[(&str, &str)] = &[
    ("django-db", DJANGO),
    ("django-cached_db", DJANGO),
    (
        "express-session+connect-pg-simple",
        "CREATE TABLE session (sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL)",
    ),
    (
        "better-auth",
        "CREATE TABLE session (id text PRIMARY KEY, token text UNIQUE, \"userId\" text, \"expiresAt\" timestamp)",
    ),
    ("rails-activerecord-store", "CREATE TABLE sessions (session_id varchar UNIQUE, data text, updated_at timestamp)"),
    (
        "laravel-db",
        "CREATE TABLE sessions (id varchar PRIMARY KEY, user_id text, payload text NOT NULL, last_activity integer)",
    ),
    (
        "phoenix-gen-auth",
        "CREATE TABLE users_tokens (token bytea, context varchar, user_id text, inserted_at timestamp)",
    ),
    (
        "spring-session-jdbc",
        "CREATE TABLE SPRING_SESSION (SESSION_ID char(36), PRINCIPAL_NAME varchar(100), EXPIRY_TIME bigint)",
    ),
    ("hashed-token-db", "CREATE TABLE session (id text PRIMARY KEY, user_id text, expires_at bigint)"),
];
pub(crate) const DJANGO: &str =
    "CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date timestamptz)";

pub(crate) fn table(framework: &str) -> &'static str {
    TABLES.iter().find(|(name, _)| *name == framework).map(|(_, table)| *table).expect("a table for the framework")
}

/// True for the name of a table that a framework makes.
pub(crate) fn is_framework_table(name: &str) -> bool {
    TABLES.iter().any(|(_, table)| name_of(table) == name)
}

/// The table's name in the words that make it.
pub(crate) fn name_of(table: &str) -> &str {
    table.split_whitespace().nth(2).expect("a table's name")
}
