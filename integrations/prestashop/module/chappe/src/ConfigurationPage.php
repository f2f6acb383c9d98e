<?php

/**
 * The page behind “Configure”: connection, health, states, consent.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class ConfigurationPage
{
    public const DAYS_BACK = 30;

    /** @var \Module */
    private $module;

    /** @var Kit */
    private $kit;

    /** @var \Context */
    private $context;

    /** @var int 0 where several shops are edited at once */
    private $idShop;

    public function __construct(\Module $module, Kit $kit)
    {
        $this->module = $module;
        $this->kit = $kit;
        $this->context = \Context::getContext();
        $this->idShop = (int) \Shop::getContextShopID();
    }

    public function show(): string
    {
        if ($this->idShop === 0) {
            return $this->module->displayWarning(
                $this->module->l('Choose one shop at the top of this page: each has a connection of its own.')
            );
        }
        $said = $this->act((string) \Tools::getValue('chappe_do'));
        $this->context->smarty->assign(['chappe' => $this->facts()]);

        $main = $this->module->getLocalPath() . 'chappe.php';

        return $said . $this->module->display($main, 'views/templates/admin/configure.tpl');
    }

    /**
     * What the merchant pressed. PrestaShop has checked its token before it comes here.
     */
    private function act(string $verb): string
    {
        switch ($verb) {
            case 'connect':
                return $this->connect();
            case 'test':
                return $this->sayHello();
            case 'disconnect':
                $this->kit->connections->forget($this->idShop);

                return $this->done($this->module->l('Disconnected: nothing is noted or sent any more.'));
            case 'past':
                return $this->past();
            case 'states':
                $this->kit->states->choose($this->idShop, (array) \Tools::getValue('state', []));
                $this->kit->outbox->note($this->idShop, Events::HELLO, '', $this->kit->clock->now());

                return $this->done($this->module->l('Saved.'));
            case 'settings':
                return $this->settings();
        }

        return '';
    }

    private function connect(): string
    {
        try {
            // Not `token`: PrestaShop keeps its own under that name.
            $token = new PairingToken((string) \Tools::getValue('chappe_token'));
        } catch (BadToken $error) {
            return $this->module->displayError($this->module->l(
                'This is not a whole connection token: copy it again, from its first to its last letter.'
            ));
        }
        if (($this->kit->connections->get($this->idShop)['endpoint'] ?? '') !== $token->endpoint) {
            $this->kit->outbox->discard($this->idShop);
        }
        $this->kit->connections->pair($this->idShop, $token, $this->kit->clock->now());

        return $this->sayHello();
    }

    /**
     * The one call that the merchant waits for.
     */
    private function sayHello(): string
    {
        $this->kit->connections->resume($this->idShop);
        $this->kit->outbox->note($this->idShop, Events::HELLO, '', $this->kit->clock->now());
        if ($this->kit->flush->run($this->idShop, 'response', 2)) {
            return $this->done($this->module->l('Chappe has answered: this shop is connected.'));
        }
        $shop = $this->kit->connections->get($this->idShop);
        if ($shop['stopped_because']) {
            return $this->module->displayError($this->module->l(
                'This shop is switched off in Chappe, or not known there: make a new connection token there.'
            ));
        }
        $why = $shop['last_error'] ?: 'HTTP ' . (int) $shop['last_status'];

        return $this->module->displayError($this->module->l('Chappe did not answer as expected:') . ' ' . $why);
    }

    /**
     * Orders of the last month build contacts and figures; they never send anything.
     */
    private function past(): string
    {
        $since = date('Y-m-d H:i:s', $this->kit->clock->now() - self::DAYS_BACK * 86400);
        $orders = $this->kit->database->rows('SELECT id_order FROM {orders} WHERE id_shop = ' . $this->idShop
            . ' AND date_add > ' . $this->kit->database->quote($since) . ' ORDER BY id_order');
        foreach ($orders as $order) {
            $this->kit->outbox->note($this->idShop, Events::BACKFILL, $order['id_order'], $this->kit->clock->now());
        }

        $text = $this->module->l('%d orders will be told, without any message to anybody.');

        return $this->done(sprintf($text, count($orders)));
    }

    private function settings(): string
    {
        foreach (array_keys(Settings::SWITCHES) as $switch) {
            Settings::turn($switch, (bool) \Tools::getValue($switch), $this->idShop);
        }
        Settings::word((array) \Tools::getValue('wording', []), $this->idShop);

        return $this->done($this->module->l('Saved.'));
    }

    private function done(string $text): string
    {
        return $this->module->displayConfirmation($text);
    }

    private function facts(): array
    {
        return [
            'action' => $this->context->link->getAdminLink(
                'AdminModules',
                true,
                [],
                ['configure' => $this->module->name]
            ),
            'health' => (new Health($this->kit))->of($this->idShop),
            'endpoint' => (string) ($this->kit->connections->get($this->idShop)['endpoint'] ?? ''),
            'can_finish' => AfterResponse::isPossible(),
            'refusals' => $this->kit->outbox->refusals($this->idShop, 5),
            'states' => $this->states(),
            'facts' => $this->factNames(),
            'switches' => $this->switches(),
            'languages' => $this->languages(),
            'cron_url' => Text::shopAddress($this->kit->database, $this->idShop)
                . 'index.php?fc=module&module=chappe&controller=cron&key='
                . \Configuration::getGlobalValue('CHAPPE_CRON_KEY'),
            'cron_file' => $this->module->getLocalPath() . 'cron.php',
        ];
    }

    /**
     * @return array[] each state of the shop, what it means by itself, and what the merchant chose
     */
    private function states(): array
    {
        $chosen = $this->kit->states->chosen($this->idShop);
        $names = $this->factNames();
        $states = $this->kit->database->rows('SELECT s.id_order_state, s.paid, s.shipped, n.name FROM {order_state} s'
            . ' JOIN {order_state_lang} n ON n.id_order_state = s.id_order_state AND n.id_lang = '
            . (int) $this->context->language->id . ' WHERE s.deleted = 0 ORDER BY s.id_order_state');

        return array_map(function ($state) use ($chosen, $names) {
            $facts = array_merge((int) $state['paid'] ? ['paid'] : [], $this->kit->states->usual($state));
            $usual = array_map(function ($fact) use ($names) {
                return $names[$fact];
            }, $facts);

            return [
                'id' => (int) $state['id_order_state'],
                'name' => $state['name'],
                'usual' => implode(', ', $usual),
                'chosen' => $chosen[$state['id_order_state']] ?? '',
            ];
        }, $states);
    }

    private function factNames(): array
    {
        return [
            StateMap::PAID => $this->module->l('paid'),
            StateMap::SHIPPED => $this->module->l('shipped'),
            StateMap::DELAYED => $this->module->l('delayed'),
            StateMap::OUT_FOR_DELIVERY => $this->module->l('out for delivery'),
            StateMap::READY => $this->module->l('ready for pickup'),
            StateMap::DELIVERED => $this->module->l('delivered'),
            StateMap::CANCELLED => $this->module->l('cancelled'),
            StateMap::REFUNDED => $this->module->l('refunded'),
            StateMap::NOTHING => $this->module->l('nothing'),
        ];
    }

    private function switches(): array
    {
        $labels = [
            Settings::REGISTRATION => $this->module->l('Ask on the registration form'),
            Settings::ADDRESS => $this->module->l('Ask on the address form, beside the number'),
            Settings::CLICKS => $this->module->l(
                'Recognise orders that come from a message (keeps a cookie for 30 days: name it in your cookie notice)'
            ),
            Settings::CARTS => $this->module->l('Tell Chappe about carts'),
        ];
        $switches = [];
        foreach ($labels as $name => $label) {
            $switches[] = ['name' => $name, 'label' => $label, 'is_on' => Settings::isOn($name, $this->idShop)];
        }

        return $switches;
    }

    private function languages(): array
    {
        return array_map(function ($language) {
            $id = (int) $language['id_lang'];

            return ['id' => $id, 'name' => $language['name'], 'wording' => Settings::wording($id, $this->idShop)];
        }, \Language::getLanguages(true, $this->idShop));
    }
}
