"""Data sets of the book. Small ones travel with the package; full ones come from a folder, the cache or the network.

| loader | what | where |
|---|---|---|
| ``load_mnist_subset`` | 5,000 digits, 28×28, grey or binarised | in the package |
| ``load_digits`` | 1,797 digits, 8×8 | scikit-learn |
| ``load_natural_images`` | ten images, 256×256 grey | in the package |
| ``load_messages`` | 410 short messages, spam or ham | in the package |
| ``load_mnist`` | MNIST, 60,000 + 10,000 | ``$DGMLIB_DATA``, cache, download |
| ``load_binarized_mnist`` | fixed binarised MNIST, 50,000 + 10,000 + 10,000 | same |
| ``load_bsds300``, ``load_bsd68`` | 200 and 68 grey photographs | same |
| ``load_sms`` | SMS Spam Collection, 5,574 messages | same |
| ``load_spambase`` | Spambase, 4,601 e-mails, 57 features | same |

Images are uint8 arrays. Nothing here imports torch.
"""

from dgmlib.data.bsds import load_bsd68, load_bsds300
from dgmlib.data.digits import load_digits
from dgmlib.data.larochelle import load_binarized_mnist
from dgmlib.data.messages import load_messages
from dgmlib.data.mnist import load_mnist
from dgmlib.data.mnist_subset import load_mnist_subset
from dgmlib.data.natural_images import load_natural_images
from dgmlib.data.sms import load_sms
from dgmlib.data.spambase import load_spambase
from dgmlib.data.words import BagOfWords, mask_numbers, tokenize

__all__ = [
    "BagOfWords",
    "load_binarized_mnist",
    "load_bsd68",
    "load_bsds300",
    "load_digits",
    "load_messages",
    "load_mnist",
    "load_mnist_subset",
    "load_natural_images",
    "load_sms",
    "load_spambase",
    "mask_numbers",
    "tokenize",
]
