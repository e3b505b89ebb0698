# Debian: php-cli php-lcobucci-jwt
<?php
require 'Lcobucci/JWT/autoload.php';
use Lcobucci\JWT\Encoding\JoseEncoder;
use Lcobucci\JWT\Signer\{Ecdsa, Eddsa, Hmac, Key\InMemory};
use Lcobucci\JWT\Token\Parser;
use Lcobucci\JWT\Validation\{Constraint, Validator};

$signer = new Hmac\Sha256(); // secret, JWK
$key = InMemory::plainText('$SECRET'); // secret
$key = InMemory::plainText(sodium_base642bin('$K', SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING)); // JWK
$signer = new Ecdsa\Sha256(); // ES256
$key = InMemory::file('key.pem'); // ES256
$signer = new Eddsa(); // EdDSA
$x = json_decode(file_get_contents('$KEY_SET'))->keys[0]->x; // EdDSA
$key = InMemory::plainText(sodium_base642bin($x, SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING)); // EdDSA
$clock = new class implements Psr\Clock\ClockInterface {
    public function now(): DateTimeImmutable { return new DateTimeImmutable(); }
};
$leeway = null;
$leeway = new DateInterval('PT60S'); // option
$token = (new Parser(new JoseEncoder()))->parse('$TOKEN');
(new Validator())->assert(
    $token,
    new Constraint\SignedWith($signer, $key),
    new Constraint\LooseValidAt($clock, $leeway),
    new Constraint\IssuedBy('$ISSUER'), // option
    new Constraint\PermittedFor('$AUDIENCE'), // option
);
echo $token->claims()->get('sub'), ' ', $token->claims()->get('gen'), "\n";
