<?php

/**
 * The page behind “Configure”.
 */

use ChappeModule\Health;
use ChappeModule\Response;
use ChappeModule\Settings;
use PHPUnit\Framework\TestCase;

class ConfigurationTest extends TestCase
{
    private const URL = 'https://chappe.example/hooks/shops/1/';

    /** @var Receiver */
    private $receiver;

    /** @var ShopWorld */
    private $shop;

    protected function setUp(): void
    {
        $this->receiver = new Receiver();
        $this->shop = new ShopWorld($this->receiver, new SetClock());
    }

    private function press(string $verb, array $form = []): string
    {
        Tools::$values = ['chappe_do' => $verb] + $form;
        $page = $this->shop->module->getContent();
        Tools::$values = [];

        return $page;
    }

    private function shown(): array
    {
        $this->press('');

        return Context::getContext()->smarty->values['chappe'];
    }

    public function testOneTokenConnectsTheShopWhichSaysHelloAtOnce(): void
    {
        $page = $this->press('connect', ['chappe_token' => ShopWorld::token(self::URL)]);

        [$hello] = array_column($this->receiver->events(), 'hello');
        $this->assertStringStartsWith('done: Chappe has answered', $page);
        $this->assertSame([
            'name' => 'Maison Lambert',
            'url' => 'https://maison-lambert.example/',
            'wake_url' => 'https://maison-lambert.example/index.php?fc=module&module=chappe&controller=health',
            'country' => 'FR',
            'languages' => ['fr'],
            'currencies' => ['EUR'],
            'prestashop' => '8.2.1',
            'php' => PHP_VERSION,
            'module' => '1.0.0',
            'states' => $this->shop->module->kit()->states->told(1, 1),
            'multistore_ids' => [1],
        ], $hello);
        $this->assertSame(['connected', self::URL], [$this->shown()['health']['state'], $this->shown()['endpoint']]);
    }

    public function testATokenThatIsNotWholeIsRefusedInWords(): void
    {
        $page = $this->press('connect', ['chappe_token' => substr(ShopWorld::token(self::URL), 0, -3)]);

        $this->assertStringStartsWith('error: This is not a whole connection token', $page);
        $this->assertSame(['not connected', []], [$this->shown()['health']['state'], $this->receiver->calls]);
    }

    public function testAServerThatRefusesIsShownWithItsReason(): void
    {
        $this->receiver->failure = new Response(401);
        $page = $this->press('connect', ['chappe_token' => ShopWorld::token(self::URL)]);

        $this->assertStringStartsWith('error: Chappe did not answer as expected: HTTP 401', $page);
        $health = $this->shown()['health'];
        $this->assertSame(['failing', 401, 1], [$health['state'], $health['last_status'], $health['waiting']]);
    }

    public function testAConnectionThatIsSwitchedOffSaysWhatToDo(): void
    {
        $this->receiver->failure = new Response(410);
        $page = $this->press('connect', ['chappe_token' => ShopWorld::token(self::URL)]);

        $this->assertStringStartsWith('error: This shop is switched off in Chappe', $page);
        $this->assertSame('stopped', $this->shown()['health']['state']);
    }

    public function testWhatWaitedForOneChappeIsNotToldToAnother(): void
    {
        $this->shop->pair();
        $this->shop->order(42);
        $this->press('connect', ['chappe_token' => ShopWorld::token('https://other.example/hooks/shops/2/')]);

        $this->assertSame(['shop.hello'], array_column($this->receiver->events(), 'kind'));
    }

    public function testPastOrdersAreToldAsSuch(): void
    {
        $this->shop->order(41);
        $this->shop->clock->pass(40 * 86400);
        $this->shop->order(42);
        $this->shop->pair();
        $page = $this->press('past');
        $this->shop->flush();

        [$event] = $this->receiver->events();
        $this->assertStringStartsWith('done: 1 orders', $page);
        $this->assertSame(['order.changed', true], [$event['kind'], $event['is_backfill']]);
        $this->assertSame('42', $event['order']['id']);
    }

    public function testStatesSettingsAndWordsAreKept(): void
    {
        $this->press('states', ['state' => ['4' => 'delivered', '13' => '']]);
        $this->press('settings', [Settings::CARTS => '1', 'wording' => [1 => 'Oui <b>aux</b> offres']]);
        $shown = $this->shown();

        $this->assertSame(
            [4 => ['paid, shipped', 'delivered'], 13 => ['', '']],
            array_intersect_key(array_combine(array_column($shown['states'], 'id'), array_map(function ($state) {
                return [$state['usual'], $state['chosen']];
            }, $shown['states'])), [4 => 1, 13 => 1])
        );
        $this->assertSame([false, false, false, true], array_column($shown['switches'], 'is_on'));
        $this->assertSame('Oui aux offres', $shown['languages'][0]['wording']);
    }

    public function testSeveralShopsAreNotEditedAtOnce(): void
    {
        Shop::$edited = null;

        $this->assertStringStartsWith('warning: Choose one shop', $this->press('connect'));
    }

    public function testRemovingTheModuleSaysGoodbye(): void
    {
        $this->shop->pair();
        $this->shop->module->uninstall();

        $this->assertSame(['shop.goodbye'], array_column($this->receiver->events(), 'kind'));
    }

    public function testHealthTellsHowTheOutboxIs(): void
    {
        $this->shop->pair();
        $this->shop->order(42);
        $this->shop->clock->pass(60);
        $before = (new Health($this->shop->module->kit()))->of(1);
        $this->shop->flush();
        $after = (new Health($this->shop->module->kit()))->of(1);

        $this->assertSame(['waiting', 1, '2026-11-24 10:30:00'], [
            $before['state'], $before['waiting'], $before['oldest_waiting_at'],
        ]);
        $this->assertSame(['connected', 0, '2026-11-24 10:31:00', '2026-11-24 10:31:00'], [
            $after['state'], $after['waiting'], $after['last_ok_at'], $after['cron_at'],
        ]);
    }
}
