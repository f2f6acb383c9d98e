<?php

/**
 * What GDPR modules of PrestaShop ask for, in each of their three ways.
 */

use PHPUnit\Framework\TestCase;

class PrivacyTest extends TestCase
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
        $this->shop->register(5, ['chappe_sms_shown' => '1', 'chappe_sms' => '1']);
        $this->shop->address(5, '06 39 98 12 34');
        $this->shop->cart(5, [1 => 1]);
        $this->shop->flush();
    }

    public function shapes(): array
    {
        return [
            'the fields of a customer' => [['id' => 5, 'email' => 'camille5@example.com']],
            'those fields in a list' => [[['id' => 5, 'email' => 'camille5@example.com']]],
            'an e-mail address in a list' => [['camille5@example.com']],
        ];
    }

    /**
     * @dataProvider shapes
     */
    public function testErasureForgetsHereAndTellsTheServerWhomToForget(array $params): void
    {
        $answer = $this->shop->module->hookActionDeleteGDPRCustomer($params);
        Db::$instance->execute('DELETE FROM ps_address');
        Db::$instance->execute('DELETE FROM ps_customer');
        $this->shop->flush();

        $events = $this->receiver->events();
        $told = end($events);
        $this->assertSame('true', $answer);
        $this->assertSame(['customer.erased', '5', '06 39 98 12 34'], [
            $told['kind'], $told['customer']['id'], $told['customer']['phones'][0]['number'],
        ]);
        $this->assertSame([], $this->shop->module->kit()->consents->of(5));
        $this->assertSame([], $this->shop->module->kit()->carts->get(5));
    }

    /**
     * @dataProvider shapes
     */
    public function testExportGivesWhatIsKept(array $params): void
    {
        [$said] = json_decode($this->shop->module->hookActionExportGDPRData($params), true);

        $this->assertSame(['granted', 'registration', '192.0.2.0'], [$said['state'], $said['form'], $said['ip']]);
    }

    public function testAStrangerIsNobody(): void
    {
        $this->assertSame('[]', $this->shop->module->hookActionExportGDPRData(['nobody@example.com']));
        $this->assertSame('true', $this->shop->module->hookActionDeleteGDPRCustomer(["' OR 1=1 --@example.com"]));
        $this->assertCount(1, $this->shop->module->kit()->consents->of(5));
    }
}
