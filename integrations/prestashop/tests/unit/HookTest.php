<?php

/**
 * A hook never disturbs the shop.
 */

use PHPUnit\Framework\TestCase;

class HookTest extends TestCase
{
    /** @var Receiver */
    private $receiver;

    /** @var ShopWorld */
    private $shop;

    protected function setUp(): void
    {
        $this->receiver = new Receiver();
        $this->shop = new ShopWorld($this->receiver, new SetClock());
    }

    public function testEveryRegisteredHookHasItsMethodAndEveryMethodIsRegistered(): void
    {
        $methods = preg_grep('/^hook/', get_class_methods(Chappe::class));

        $expected = array_map(function ($hook) {
            return 'hook' . ucfirst($hook);
        }, Chappe::HOOKS);
        sort($expected);
        sort($methods);
        $this->assertSame($expected, $methods);
        $this->assertSame(Chappe::HOOKS, $this->shop->module->hooks);
    }

    /**
     * @dataProvider hooks
     */
    public function testAHookThatIsCalledWithNonsenseLeavesTheShopAlone(string $hook): void
    {
        $this->shop->pair();
        $nonsense = ['order' => null, 'object' => 7, 'orders' => 'x', 'id_order' => [], 'order_history' => null];
        foreach ([[], $nonsense] as $params) {
            $this->shop->module->{'hook' . ucfirst($hook)}($params);
        }

        $this->assertSame([], $this->receiver->calls);
    }

    /**
     * @dataProvider hooks
     */
    public function testAHookOnADatabaseThatIsAwayLeavesTheShopAlone(string $hook): void
    {
        $this->shop->pair();
        Db::$instance->isBroken = true;
        $order = (object) ['id' => 1, 'id_shop' => 1];
        $object = (object) ['id_order' => 1, 'tracking_number' => 'x'];
        $this->shop->module->{'hook' . ucfirst($hook)}([
            'order' => $order, 'orders' => [$order], 'id_order' => 1, 'order_history' => $object, 'object' => $object,
        ]);

        $this->assertSame([], $this->receiver->calls);
    }

    public function hooks(): array
    {
        return array_map(function ($hook) {
            return [$hook];
        }, array_combine(Chappe::HOOKS, Chappe::HOOKS));
    }

    public function testAFailureInAHookIsShownToTheMerchant(): void
    {
        $this->shop->pair();
        $this->shop->module->hookActionValidateOrder(['order' => null]);

        $row = $this->shop->module->kit()->connections->get(1);
        $this->assertNotSame('', (string) $row['hook_error']);
        $this->assertSame($this->shop->clock->now(), (int) $row['hook_error_at']);
    }

    public function testNothingIsNotedBeforeTheShopIsConnected(): void
    {
        $this->shop->order(1);

        $this->assertSame(0, $this->shop->module->kit()->outbox->figures(1)['waiting']);
    }

    public function testNoHookCallsTheNetwork(): void
    {
        $this->shop->pair();
        $this->shop->order(1);
        $this->shop->state(1, 2);
        $this->shop->track(1, '6A');
        $this->shop->refund(1, '1');

        $this->assertSame([], $this->receiver->calls);
        $this->assertSame(1, $this->shop->module->kit()->outbox->figures(1)['waiting']);
    }

    public function testUninstallLeavesNothingBehind(): void
    {
        $this->shop->module->uninstall();

        $this->assertSame([], Db::$instance->executeS("SELECT name FROM sqlite_master WHERE name LIKE 'ps_chappe%'"));
        $this->assertFalse(Configuration::get('CHAPPE_CRON_KEY'));
    }
}
