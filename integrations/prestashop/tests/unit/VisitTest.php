<?php

/**
 * From a click to an order, and from a cart that was left back to it.
 */

use ChappeModule\AfterResponse;
use ChappeModule\Carts;
use ChappeModule\Clicks;
use ChappeModule\Recovery;
use ChappeModule\Settings;
use PHPUnit\Framework\TestCase;

class VisitTest extends TestCase
{
    /** @var Receiver */
    private $receiver;

    /** @var ShopWorld */
    private $shop;

    protected function setUp(): void
    {
        $this->receiver = new Receiver();
        $this->shop = new ShopWorld($this->receiver, new SetClock());
        $this->shop->pair();
    }

    private function clickIds(): array
    {
        $this->shop->flush();

        return array_column(array_column($this->receiver->events(), 'order'), 'click_id');
    }

    public function testTheClickOfAVisitIsOnItsOrder(): void
    {
        $_COOKIE[Clicks::COOKIE] = 'k7-Qz_1';
        $this->shop->order(42);

        $this->assertSame(['k7-Qz_1'], $this->clickIds());
    }

    public function testTheClickOfACartIsOnItsOrderThatABankFinishes(): void
    {
        $_COOKIE[Clicks::COOKIE] = 'k7Qz';
        $this->shop->cart(42, [1 => 1]);
        $_COOKIE = [];
        $this->shop->cart(42, []);
        $this->shop->order(42);

        $this->assertSame(['k7Qz'], $this->clickIds());
    }

    public function testACookieHoldsNothingButAClickId(): void
    {
        $this->assertSame(
            ['k7-Qz_1', '', '', '', ''],
            array_map([Clicks::class, 'clean'], ['k7-Qz_1', "a\r\nSet-Cookie: b", str_repeat('a', 41), ['a'], null])
        );
        $this->assertSame(
            'Set-Cookie: chappe_click=k7; Max-Age=2592000; Path=/shop/; SameSite=Lax; Secure',
            Clicks::cookie('k7', '/shop/', true)
        );
    }

    public function testCartsAreKeptHereAndToldOnlyWhereTheMerchantWantsItOnceAMinute(): void
    {
        $this->shop->register(9, []);
        $this->shop->address(9, '06 39 98 12 34');
        $this->shop->flush();
        $this->shop->cart(9, [1 => 1]);
        $this->shop->clock->pass(60);
        $this->shop->flush();
        $silent = count($this->receiver->events());
        Settings::turn(Settings::CARTS, true, 1);
        foreach ([2, 3] as $quantity) {
            $this->shop->cart(9, [2 => $quantity]);
            $this->shop->flush();
        }
        $this->shop->clock->pass(60);
        $this->shop->flush();

        $events = $this->receiver->events();
        $cart = end($events)['cart'];
        $this->assertSame([1, 2], [$silent, count($events)]);
        $this->assertSame(['9', '54.90', ['Tablier en lin', 'Torchon rayé', 'Torchon rayé']], [
            $cart['id'], $cart['total'], $cart['items'],
        ]);
        $this->assertStringContainsString('&cart=9&key=' . Recovery::key(9), $cart['recovery_url']);
        $this->assertFalse(isset($cart['ordered_at']));
    }

    public function testACartThatIsSavedThriceInARequestIsWrittenOnceAfterThePage(): void
    {
        Settings::turn(Settings::CARTS, true, 1);
        $module = $this->shop->module;
        $before = Db::$instance->statements;
        foreach ([1, 2, 3] as $ignored) {
            $module->hookActionCartSave(['cart' => new Cart(9)]);
        }
        $during = Db::$instance->statements - $before;
        AfterResponse::run();

        $this->assertSame(0, $during);
        $this->assertSame(4, Db::$instance->statements - $before, 'open?, the cart, open?, its row of the outbox');
        $this->assertSame(9, (int) $module->kit()->carts->get(9)['id_cart']);
    }

    public function testACartThatBecomesAnOrderInTheSameRequestIsWrittenBeforeIt(): void
    {
        $_COOKIE[Clicks::COOKIE] = 'k7Qz';
        $this->shop->module->hookActionCartSave(['cart' => new Cart(42)]);
        $this->shop->order(42);
        AfterResponse::run();

        $this->assertGreaterThan(0, (int) $this->shop->module->kit()->carts->get(42)['ordered_at']);
    }

    public function testCartsOfAnImportAreNotAllKeptInMind(): void
    {
        foreach (range(1, Carts::MOST_IN_MIND) as $id) {
            $this->shop->module->hookActionCartSave(['cart' => new Cart($id)]);
        }

        $this->assertSame(1, (int) $this->shop->module->kit()->carts->get(1)['id_cart']);
        AfterResponse::run();
    }

    public function testARecoveryLinkGivesProductsAndNothingWithoutItsKey(): void
    {
        $this->shop->cart(9, [1 => 2]);
        $database = $this->shop->module->kit()->database;

        [$product] = Recovery::products($database, 9, Recovery::key(9));
        $this->assertSame(['1', '2'], array_map('strval', [$product['id_product'], $product['quantity']]));
        $this->assertSame([], Recovery::products($database, 9, Recovery::key(8)));
        $this->assertSame([], Recovery::products($database, 9, ''));
    }
}
