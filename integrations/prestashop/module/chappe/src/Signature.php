<?php

/**
 * Standard Webhooks: https://www.standardwebhooks.com
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Signature
{
    public const TOLERANCE = 300;

    /**
     * The headers of a signed call.
     *
     * @return string[] by name
     */
    public static function headers(string $secret, string $id, int $now, string $body): array
    {
        return [
            'webhook-id' => $id,
            'webhook-timestamp' => (string) $now,
            'webhook-signature' => self::sign(self::key($secret), $id, $now, $body),
        ];
    }

    /**
     * Whether the server signed this call to the shop. Its key is another one than ours, made of the same secret:
     * nobody can send us back what we have signed ourselves.
     */
    public static function isFromServer(string $secret, array $headers, string $body, int $now): bool
    {
        $id = (string) ($headers['webhook-id'] ?? '');
        $time = (string) ($headers['webhook-timestamp'] ?? '');
        if ($id === '' || !ctype_digit($time) || abs($now - (int) $time) > self::TOLERANCE) {
            return false;
        }
        $expected = self::sign(hash_hmac('sha256', 'to the shop', self::key($secret), true), $id, (int) $time, $body);
        foreach (array_slice(explode(' ', (string) ($headers['webhook-signature'] ?? '')), 0, 10) as $signature) {
            if (hash_equals($expected, $signature)) {
                return true;
            }
        }

        return false;
    }

    private static function key(string $secret): string
    {
        return (string) base64_decode(substr($secret, strlen('whsec_')));
    }

    private static function sign(string $key, string $id, int $now, string $body): string
    {
        return 'v1,' . base64_encode(hash_hmac('sha256', $id . '.' . $now . '.' . $body, $key, true));
    }
}
