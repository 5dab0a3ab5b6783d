// The schema of the accounts database, step by step: PRAGMA user_version counts how many of these
// scripts a file has seen. A script is never changed once released; a new one is added.
//
// Names are stored twice: as shown (A-label domain, NFC local part) and as compared
// (names.hpp). Credentials are text: the PHC string, and SCRAM keys as
// "iterations:salt:stored key:server key" in base64.
#pragma once

#include <array>

namespace postern::auth {

constexpr std::array<const char*, 5> schema_steps = {
    R"sql(
    CREATE TABLE domain (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1))
    ) STRICT;
    CREATE UNIQUE INDEX one_default_domain ON domain (is_default) WHERE is_default = 1;

    CREATE TABLE account (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        domain_id INTEGER NOT NULL REFERENCES domain (id) ON DELETE RESTRICT,
        local_part TEXT NOT NULL,
        local_key TEXT NOT NULL,
        display_name TEXT NOT NULL DEFAULT '',
        home TEXT NOT NULL UNIQUE,
        role INTEGER NOT NULL DEFAULT 0,
        disabled INTEGER NOT NULL DEFAULT 0,
        quota_bytes_max INTEGER NOT NULL DEFAULT 0,
        quota_messages_max INTEGER NOT NULL DEFAULT 0,
        credential_version INTEGER NOT NULL,
        password_hash TEXT NOT NULL,
        scram_sha1 TEXT NOT NULL DEFAULT '',
        scram_sha256 TEXT NOT NULL DEFAULT '',
        UNIQUE (domain_id, local_key)
    ) STRICT;

    CREATE TABLE retired_home (
        home TEXT PRIMARY KEY
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE alias (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        domain_id INTEGER NOT NULL REFERENCES domain (id) ON DELETE RESTRICT,
        local_part TEXT NOT NULL,
        local_key TEXT NOT NULL,
        UNIQUE (domain_id, local_key)
    ) STRICT;

    CREATE TABLE alias_target (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        alias_id INTEGER NOT NULL REFERENCES alias (id) ON DELETE CASCADE,
        target TEXT NOT NULL,
        target_key TEXT NOT NULL,
        UNIQUE (alias_id, target_key)
    ) STRICT;
    CREATE INDEX alias_target_by_key ON alias_target (target_key);

    CREATE TABLE counter (
        name TEXT PRIMARY KEY,
        value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO counter VALUES ('changes', 0);
    )sql",
    // Secrets of this installation, in hexadecimal. Days that mail read by POP3 is kept, -1 for
    // ever; NULL in a domain is for ever too, in an account as its domain has it.
    R"sql(
    CREATE TABLE secret (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE domain ADD COLUMN pop3_retention_days INTEGER;
    ALTER TABLE account ADD COLUMN pop3_retention_days INTEGER;
    )sql",
    // What accounts of the domain may hold; an account's own 0 is as its domain has it, -1 none.
    R"sql(
    ALTER TABLE domain ADD COLUMN quota_bytes_max INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE domain ADD COLUMN quota_messages_max INTEGER NOT NULL DEFAULT 0;
    )sql",
    // What all accounts of the domain may hold together, 0 is no limit; the language of an account
    // ("en", "pt", "ru").
    R"sql(
    ALTER TABLE domain ADD COLUMN total_bytes_max INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE domain ADD COLUMN total_messages_max INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE account ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
    )sql",
    // More passwords of an account, each for one program: found by their first characters, which
    // are no secret. Unix seconds.
    R"sql(
    CREATE TABLE app_password (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        created_s INTEGER NOT NULL,
        selector TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        scram_sha1 TEXT NOT NULL DEFAULT '',
        scram_sha256 TEXT NOT NULL DEFAULT '',
        UNIQUE (account_id, name),
        UNIQUE (account_id, selector)
    ) STRICT;
    )sql",
};

}  // namespace postern::auth
