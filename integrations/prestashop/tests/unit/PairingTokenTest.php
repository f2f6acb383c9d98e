<?php

/**
 * What a merchant pastes.
 */

use ChappeModule\BadToken;
use ChappeModule\PairingToken;
use PHPUnit\Framework\TestCase;

class PairingTokenTest extends TestCase
{
    public function testATokenSaysWhereToCallAndHowToSign(): void
    {
        $url = 'https://chappe.example/hooks/shops/1/';
        $token = new PairingToken(" \n" . chunk_split(ShopWorld::token($url), 40));

        $this->assertSame([$url, ShopWorld::SECRET], [$token->endpoint, $token->secret]);
    }

    public function testATokenThatWasCopiedInPartIsRefused(): void
    {
        $text = ShopWorld::token('https://chappe.example/hooks/shops/1/');
        $refused = 0;
        for ($length = 0; $length < strlen($text); $length++) {
            try {
                new PairingToken(substr($text, 0, $length));
            } catch (BadToken $error) {
                $refused++;
            }
        }

        $this->assertSame(strlen($text), $refused);
    }

    /**
     * @dataProvider foreign
     */
    public function testWhatIsNoTokenIsRefused(string $text): void
    {
        $this->expectException(BadToken::class);

        new PairingToken($text);
    }

    public function foreign(): array
    {
        return [
            'an address' => ['https://chappe.example/'],
            'a secret' => [ShopWorld::SECRET],
            'a script as address' => [ShopWorld::token('javascript:alert(1)')],
            'a file as address' => [ShopWorld::token('file:///etc/passwd')],
            'a foreign secret' => [ShopWorld::token('https://chappe.example/', 'sk_live_1')],
        ];
    }
}
