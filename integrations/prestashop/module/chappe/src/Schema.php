<?php

/**
 * Our own tables; nothing of the shop is altered.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Schema
{
    public const TABLES = [
        // What is known of the connection of each shop of the installation.
        'chappe_shop' => '
            id_shop INTEGER NOT NULL PRIMARY KEY,
            endpoint VARCHAR(255) NOT NULL,
            secret VARCHAR(255) NOT NULL,
            paired_at INTEGER NOT NULL,
            stopped_because VARCHAR(40) NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            next_attempt_at INTEGER NOT NULL DEFAULT 0,
            lease_by CHAR(36) NULL,
            lease_until INTEGER NOT NULL DEFAULT 0,
            last_ok_at INTEGER NOT NULL DEFAULT 0,
            last_status INTEGER NOT NULL DEFAULT 0,
            last_error VARCHAR(200) NULL,
            via_response_at INTEGER NOT NULL DEFAULT 0,
            via_cron_at INTEGER NOT NULL DEFAULT 0,
            via_pull_at INTEGER NOT NULL DEFAULT 0,
            hook_error VARCHAR(200) NULL,
            hook_error_at INTEGER NOT NULL DEFAULT 0
        ',
        // What is to be told. A payload is there from the first try on, and goes when it is settled.
        'chappe_outbox' => '
            id INTEGER NOT NULL PRIMARY KEY AUTO_INCREMENT,
            event_id CHAR(36) NOT NULL,
            id_shop INTEGER NOT NULL,
            kind VARCHAR(40) NOT NULL,
            subject VARCHAR(80) NOT NULL,
            dedup_key VARCHAR(120) NOT NULL,
            batch_id CHAR(36) NULL,
            payload MEDIUMTEXT NULL,
            readings INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL,
            settled_at INTEGER NOT NULL DEFAULT 0,
            outcome VARCHAR(20) NULL,
            reason VARCHAR(200) NULL,
            UNIQUE KEY event (event_id),
            UNIQUE KEY dedup (dedup_key),
            KEY waiting (id_shop, settled_at, id)
        ',
        // What we keep of an order besides what the shop keeps.
        'chappe_order' => '
            id_order INTEGER NOT NULL PRIMARY KEY,
            click_id VARCHAR(40) NULL,
            version BIGINT NOT NULL DEFAULT 0,
            refunded_whole INTEGER NOT NULL DEFAULT 0
        ',
        // Who agreed to offers by SMS, or withdrew: rows are added, never changed.
        'chappe_consent' => '
            id INTEGER NOT NULL PRIMARY KEY AUTO_INCREMENT,
            id_customer INTEGER NOT NULL,
            id_shop INTEGER NOT NULL,
            state VARCHAR(20) NOT NULL,
            wording TEXT NOT NULL,
            language VARCHAR(5) NOT NULL,
            form VARCHAR(20) NOT NULL,
            page VARCHAR(255) NOT NULL,
            ip VARCHAR(45) NOT NULL,
            said_at INTEGER NOT NULL,
            KEY customer (id_customer, id_shop)
        ',
        // When carts changed, and which click brought them; kept for 90 days.
        'chappe_cart' => '
            id_cart INTEGER NOT NULL PRIMARY KEY,
            id_shop INTEGER NOT NULL,
            id_customer INTEGER NOT NULL DEFAULT 0,
            click_id VARCHAR(40) NULL,
            changed_at INTEGER NOT NULL DEFAULT 0,
            ordered_at INTEGER NOT NULL DEFAULT 0
        ',
        // Which facts the states of the shop mean, where the merchant said so.
        'chappe_state' => '
            id_shop INTEGER NOT NULL,
            id_order_state INTEGER NOT NULL,
            fact VARCHAR(20) NOT NULL,
            PRIMARY KEY (id_shop, id_order_state)
        ',
    ];

    public static function create(Database $database): void
    {
        foreach (self::TABLES as $table => $columns) {
            $database->run('CREATE TABLE IF NOT EXISTS {' . $table . '} (' . $columns . ') ENGINE='
                . _MYSQL_ENGINE_ . ' DEFAULT CHARSET=utf8mb4');
        }
    }

    public static function drop(Database $database): void
    {
        foreach (array_keys(self::TABLES) as $table) {
            $database->run('DROP TABLE IF EXISTS {' . $table . '}');
        }
    }
}
