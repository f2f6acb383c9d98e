<?php

/**
 * Whom a GDPR module speaks of: it says so in one of three ways.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Person
{
    /**
     * @param array $params a customer's fields, those fields in a list, or an e-mail address in a list
     *
     * @return int[] the customers, the same person's guest orders included
     */
    public static function all(Database $database, array $params): array
    {
        $said = $params[0] ?? $params;
        if (is_array($said) && (int) ($said['id'] ?? $said['id_customer'] ?? 0) > 0) {
            return [(int) ($said['id'] ?? $said['id_customer'])];
        }
        $email = is_array($said) ? (string) ($said['email'] ?? '') : (string) $said;
        if (strpos($email, '@') === false) {
            return [];
        }
        $rows = $database->rows('SELECT id_customer FROM {customer} WHERE email = ' . $database->quote($email));

        return array_map('intval', array_column($rows, 'id_customer'));
    }

    public static function find(Database $database, array $params): int
    {
        return self::all($database, $params)[0] ?? 0;
    }
}
