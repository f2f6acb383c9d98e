<?php

/**
 * Calls of the server to the shop.
 */

use ChappeModule\Signature;
use PHPUnit\Framework\TestCase;

class SignatureTest extends TestCase
{
    private const NOW = 1795510000;

    private function headers(string $id = 'msg_1', int $time = self::NOW): array
    {
        $key = hash_hmac('sha256', 'to the shop', '01234567890123456789012345678901', true);
        $signature = base64_encode(hash_hmac('sha256', $id . '.' . $time . '.', $key, true));

        return [
            'webhook-id' => $id,
            'webhook-timestamp' => (string) $time,
            'webhook-signature' => 'v1,bm8= v1,' . $signature,
        ];
    }

    public function testACallOfTheServerIsKnown(): void
    {
        $this->assertTrue(Signature::isFromServer(ShopWorld::SECRET, $this->headers(), '', self::NOW));
    }

    /**
     * @dataProvider forged
     */
    public function testWhatTheServerDidNotSignIsRefused(array $changes, int $now = self::NOW): void
    {
        $this->assertFalse(Signature::isFromServer(ShopWorld::SECRET, $changes + $this->headers(), '', $now));
    }

    public function forged(): array
    {
        return [
            'nothing' => [['webhook-id' => '', 'webhook-timestamp' => '', 'webhook-signature' => '']],
            'another id' => [['webhook-id' => 'msg_2']],
            'another time' => [['webhook-timestamp' => (string) (self::NOW + 1)]],
            'no time' => [['webhook-timestamp' => '1e9']],
            'too old' => [[], self::NOW + 301],
            'too early' => [[], self::NOW - 301],
        ];
    }
}
