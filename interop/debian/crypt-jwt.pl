# Debian: libcrypt-jwt-perl libwww-perl liblwp-protocol-https-perl
use Crypt::JWT 'decode_jwt';
use JSON::PP;
use LWP::Simple;

my @key = (key => '$SECRET'); # secret
my @key = (key => { kty => 'oct', k => '$K' }); # JWK
my @key = (kid_keys => decode_json(get('$KEY_SET'))); # key set
my $payload = decode_jwt(
    token => '$TOKEN',
    accepted_alg => ['$ALG'],
    verify_iss => sub { $_[0] eq '$ISSUER' }, # option
    verify_aud => sub { $_[0] eq '$AUDIENCE' }, # option
    @key,
);
print "$payload->{sub} $payload->{gen}\n";
