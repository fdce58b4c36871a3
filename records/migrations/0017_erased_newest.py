"""Built again where it is there already: it came with 0014, which would have kept a running line waiting for it."""

from django.db import migrations, models

from records.index_beside import AddIndexBeside


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('records', '0016_doubt_and_read_marks'),
    ]

    operations = [
        AddIndexBeside(
            model_name='erasedconversation',
            index=models.Index(fields=['at'], name='erased_newest'),
        ),
    ]
