<?php

/**
 * French.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

// phpcs:disable Generic.Files.LineLength
if (!defined('_PS_VERSION_')) {
    exit;
}

$_MODULE = $_MODULE ?? [];
$french = [
    'Chappe: SMS' =>
        'Chappe : SMS',
    'Tells your Chappe what happens to orders, so that customers hear of it by SMS.' =>
        'Raconte à votre Chappe ce qui arrive aux commandes, pour que vos clients l’apprennent par SMS.',
    'Disconnect from Chappe, and forget what has not been delivered and the answers that are kept here?' =>
        'Déconnecter la boutique de Chappe, et oublier ce qui n’a pas encore été transmis ainsi que les réponses à la case SMS gardées ici ?',
    'The PHP extension curl is needed.' =>
        'L’extension PHP curl est nécessaire.',
    'Choose one shop at the top of this page: each has a connection of its own.' =>
        'Choisissez une boutique en haut de cette page : chacune a sa propre connexion.',
    'Disconnected: nothing is noted or sent any more.' =>
        'Déconnectée : plus rien n’est noté ni envoyé.',
    'This shop is switched off in Chappe, or not known there: make a new connection token there.' =>
        'Cette boutique est désactivée dans Chappe, ou n’y est pas connue : créez-y un nouveau jeton de connexion.',
    'Saved.' =>
        'Enregistré.',
    'This is not a whole connection token: copy it again, from its first to its last letter.' =>
        'Ce jeton de connexion est incomplet : copiez-le à nouveau, de la première à la dernière lettre.',
    'Chappe has answered: this shop is connected.' =>
        'Chappe a répondu : cette boutique est connectée.',
    'Chappe did not answer as expected:' =>
        'Chappe n’a pas répondu comme prévu :',
    '%d orders will be told, without any message to anybody.' =>
        '%d commandes seront transmises, sans aucun message à personne.',
    'paid' =>
        'payée',
    'shipped' =>
        'expédiée',
    'delayed' =>
        'retardée',
    'out for delivery' =>
        'en cours de livraison',
    'ready for pickup' =>
        'prête à retirer',
    'delivered' =>
        'livrée',
    'cancelled' =>
        'annulée',
    'refunded' =>
        'remboursée',
    'nothing' =>
        'rien',
    'Ask on the registration form' =>
        'Demander sur le formulaire d’inscription',
    'Ask on the address form, beside the number' =>
        'Demander sur le formulaire d’adresse, près du numéro',
    'Recognise orders that come from a message (keeps a cookie for 30 days: name it in your cookie notice)' =>
        'Reconnaître les commandes venues d’un message (garde un cookie pendant 30 jours : citez-le dans votre bandeau cookies)',
    'Tell Chappe about carts' =>
        'Transmettre les paniers à Chappe',
    'Connection' =>
        'Connexion',
    'connected' =>
        'connectée',
    'does not answer' =>
        'ne répond pas',
    'ended by Chappe: connect again' =>
        'terminée par Chappe : connectez à nouveau',
    'not connected yet' =>
        'pas encore connectée',
    'Address:' =>
        'Adresse :',
    'Connection token' =>
        'Jeton de connexion',
    'Chappe shows it on the page of this shop, under Shops. Paste it here whole.' =>
        'Chappe l’affiche sur la page de cette boutique, sous Boutiques. Collez-le ici en entier.',
    'Connect' =>
        'Connecter',
    'Test' =>
        'Tester',
    'Tell the orders of the last 30 days' =>
        'Transmettre les commandes des 30 derniers jours',
    'Disconnect' =>
        'Déconnecter',
    'Health' =>
        'Santé',
    'Something went wrong inside the module; the shop went on without it:' =>
        'Une erreur s’est produite dans le module ; la boutique a continué sans lui :',
    'The last call failed:' =>
        'Le dernier appel a échoué :',
    'the token does not match, or the clock of this server is more than five minutes off.' =>
        'le jeton ne correspond pas, ou l’horloge de ce serveur a plus de cinq minutes d’écart.',
    'Next try:' =>
        'Prochain essai :',
    'Waiting' =>
        'En attente',
    'since' =>
        'depuis',
    'Delivered in 7 days' =>
        'Transmis en 7 jours',
    'Refused' =>
        'Refusés',
    'Given up after 3 days' =>
        'Abandonnés après 3 jours',
    'Last answer' =>
        'Dernière réponse',
    'Sent after a page' =>
        'Envoi après une page',
    'not possible on this server' =>
        'impossible sur ce serveur',
    'Sent by a scheduled task' =>
        'Envoi par une tâche planifiée',
    'Fetched by Chappe' =>
        'Relevé par Chappe',
    'One of the last three is enough. For a scheduled task every five minutes, call this address or run this file:' =>
        'L’une des trois dernières voies suffit. Pour une tâche planifiée toutes les cinq minutes, appelez cette adresse ou exécutez ce fichier :',
    'What the states of an order mean' =>
        'Ce que signifient les états d’une commande',
    'State' =>
        'État',
    'By itself' =>
        'De lui-même',
    'Your choice' =>
        'Votre choix',
    'as it is' =>
        'tel quel',
    'Save' =>
        'Enregistrer',
    'Offers by SMS' =>
        'Offres par SMS',
    'Whoever ticks the box agrees to these very words, which are sent along as evidence. Without words nobody is asked. The box is never ticked beforehand.' =>
        'Qui coche la case accepte exactement ces mots, transmis comme preuve. Sans texte, la question n’est pas posée. La case n’est jamais cochée d’avance.',
    'Words beside the box' =>
        'Texte à côté de la case',
];
foreach ($french as $english => $text) {
    foreach (['chappe', 'configure'] as $source) {
        $_MODULE['<{chappe}prestashop>' . $source . '_' . md5($english)] = $text;
    }
}
