"""Signing in by Flask-Security, in Chinese."""

from flask_security.forms import LoginForm as SecurityLoginForm
from wtforms import BooleanField, EmailField, PasswordField, SubmitField
from wtforms.validators import DataRequired


class LoginForm(SecurityLoginForm):
    """E-mail and password; one sentence for every failure, so that nobody learns which accounts exist."""

    email = EmailField("电子邮箱", validators=[DataRequired("请填写电子邮箱。")])
    password = PasswordField("密码", validators=[DataRequired("请填写密码。")])
    remember = BooleanField("保持登录")
    submit = SubmitField("登录")

    def validate(self, **kwargs: object) -> bool:
        if super().validate(**kwargs):
            return True
        if self.email.data and self.password.data:
            self.form_errors[:] = ["电子邮箱或密码不正确，或账号已停用。"]
            self.email.errors, self.password.errors = [], []
        return False
